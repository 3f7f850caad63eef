-- What ring.go does, in one step and by the clock of the server. The state is
-- the newest sub-window and the counts by age. Numbers are doubles, exact up
-- to 2^53, and all of ours are whole.
local op, n = ARGV[1], tonumber(ARGV[2])
local limit, sub = tonumber(ARGV[3]), tonumber(ARGV[4]) -- sub in microseconds
local kept, most = 11, 9007199254740991

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local index = math.floor(now / sub)

local counts, used, back = {}, 0, false
for age = 0, kept - 1 do counts[age] = 0 end
local state = redis.call('GET', KEYS[1])
if state then
  local field = string.gmatch(state, '%S+')
  local head = tonumber(field())
  back = head > index -- the clock went back: all keep their ages
  local age = math.max(index - head, 0)
  for count in field do
    if age < kept then
      counts[age] = tonumber(count)
      used = used + counts[age]
    end
    age = age + 1
  end
end

local function refund()
  for age = kept - 1, 0, -1 do
    local some = math.min(n, counts[age])
    counts[age] = counts[age] - some
    used, n = used - some, n - some
  end
end

local function count(some)
  counts[0] = counts[0] + some
  used = used + some
end

local ok, need = used < limit, 1
if op == 'take' then
  ok, need = n <= limit - used, math.min(n, limit)
  if ok then count(n) end
elseif op == 'charge' then
  if ok then count(math.min(n, most - used)) end
elseif op == 'refund' then
  refund()
  ok = used < limit
end

if back or op == 'refund' or (ok and op ~= 'peek') then
  local newest, oldest
  for age = 0, kept - 1 do
    if counts[age] > 0 then
      newest, oldest = newest or age, age
    end
  end
  if newest then
    local fields = {string.format('%.0f', index)}
    for age = 0, oldest do fields[age + 2] = string.format('%.0f', counts[age]) end
    local left = math.ceil(((index - newest + kept) * sub - now) / 1000)
    redis.call('SET', KEYS[1], table.concat(fields, ' '), 'PX', string.format('%.0f', left))
  else
    redis.call('DEL', KEYS[1])
  end
end

local turns, left = kept, used
for age = kept - 1, 0, -1 do
  left = left - counts[age]
  if (ok and left < used) or (not ok and limit - left >= need) then
    turns = kept - age
    break
  end
end
return {ok and 1 or 0, used, (index + turns) * sub - now}

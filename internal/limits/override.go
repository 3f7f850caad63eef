package limits

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ulule/limiter/v3"

	"example.org/cloakroom/internal/models"
)

// maxLimit is the greatest limit of a rate.
const maxLimit = 1 << 50

// Override returns p with the rates that text names, entries separated by
// commas: "upload.free=5-S+100-M" sets those of a class, "upload=5-S" those of
// all, "upload-bytes.pro=50GiB-D" counts bytes, "uploads-at-once.free=3" has no
// period, and "search=fixed" changes the strategy. "*" is every act that is
// counted in times and by visitor, but not those counted by address, which guard
// passwords and links. A period is S, M, H or D: second, minute, hour or day.
// Later entries win. An error names the wrong entry.
func (p Policy) Override(text string) (Policy, error) {
	next := Policy{rules: make([]Rule, len(p.rules)), named: map[ruleKey]bool{}}
	maps.Copy(next.named, p.named)
	for i, r := range p.rules {
		r.Rates = maps.Clone(r.Rates)
		next.rules[i] = r
	}
	entries, err := models.ParseEntries(text)
	if err != nil {
		return p, err
	}
	for _, e := range entries {
		if err := next.set(e); err != nil {
			return p, fmt.Errorf("%q: %w", e.Name+"="+e.Value, err)
		}
	}
	return next, nil
}

// set applies one entry to p.
func (p Policy) set(entry models.Entry) error {
	act, class, named := strings.Cut(entry.Name, ".")
	classes := Classes()
	if named {
		if !slices.Contains(classes, Class(class)) {
			return fmt.Errorf("there is no class %q; the classes are guest, free, pro, premium and admin", class)
		}
		classes = []Class{Class(class)}
	}
	found := false
	for i := range p.rules {
		r := &p.rules[i]
		if string(r.Act) != act && (act != "*" || r.Unit != Times || !r.hasClasses()) {
			continue
		}
		found = true
		if err := r.set(entry.Value, classes, named); err != nil {
			return err
		}
		for _, class := range classes {
			if !isStrategy(entry.Value) {
				p.named[ruleKey{r.Act, class}] = true
			}
		}
	}
	if !found {
		return fmt.Errorf("there is no act %q", act)
	}
	return nil
}

func isStrategy(value string) bool {
	return Strategy(value) == Fixed || Strategy(value) == Sliding
}

// set gives r what value says for classes.
func (r *Rule) set(value string, classes []Class, named bool) error {
	if isStrategy(value) {
		if named || r.Unit != Times {
			return fmt.Errorf("only acts that are counted in times have a strategy, the same for every class")
		}
		r.Strategy = Strategy(value)
		return nil
	}
	if named && !r.hasClasses() {
		return fmt.Errorf("acts that are counted by address have the same rates for every class")
	}
	var rates []Rate
	var err error
	if r.Unit == AtOnce {
		rates, err = parseAtOnce(value)
	} else {
		rates, err = parseRates(strings.Split(value, "+"), r.Unit)
	}
	if err != nil {
		return err
	}
	for _, class := range classes {
		r.Rates[class] = rates
	}
	return nil
}

// parseRates reads rates such as 5-S, and 10GiB-D where unit is bytes, and puts
// the shortest first.
func parseRates(words []string, unit Unit) ([]Rate, error) {
	var rates []Rate
	for _, word := range words {
		word = strings.TrimSpace(word)
		text := word
		if amount, period, ok := strings.Cut(word, "-"); ok && unit == Bytes {
			var size models.Size
			if err := size.UnmarshalText([]byte(amount)); err != nil {
				return nil, fmt.Errorf("%q is not a rate such as 10GiB-D", word)
			}
			text = strconv.FormatInt(int64(size), 10) + "-" + period
		}
		rate, err := limiter.NewRateFromFormatted(text)
		if err != nil {
			return nil, fmt.Errorf("%q is not a rate such as 100-M", word)
		}
		if rate.Limit < 1 || rate.Limit > maxLimit {
			return nil, fmt.Errorf("%q is not between 1 and %d", word, int64(maxLimit))
		}
		rates = append(rates, Rate{Period: rate.Period, Limit: rate.Limit})
	}
	slices.SortFunc(rates, func(a, b Rate) int { return cmp.Compare(a.Period, b.Period) })
	for i := 1; i < len(rates); i++ {
		if rates[i].Period == rates[i-1].Period {
			return nil, fmt.Errorf("there are two rates for one period")
		}
	}
	return rates, nil
}

func parseAtOnce(value string) ([]Rate, error) {
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil || n < 1 {
		return nil, fmt.Errorf("%q is not a number of 1 or more", value)
	}
	return []Rate{{Limit: n}}, nil
}

// PeriodName is the name of a period, for people and headers.
func PeriodName(d time.Duration) string {
	switch d {
	case time.Second:
		return "second"
	case time.Minute:
		return "minute"
	case time.Hour:
		return "hour"
	}
	return "day"
}

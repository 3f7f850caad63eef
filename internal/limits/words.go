package limits

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// day is the longest period.
const day = 24 * time.Hour

// letters name the periods in LIMITS.
var letters = map[time.Duration]string{time.Second: "S", time.Minute: "M", time.Hour: "H", day: "D"}

// Written returns the rates of r for class as LIMITS says them: "5-S+100-M".
func (r Rule) Written(class Class) string {
	words := make([]string, len(r.Rates[class]))
	for i, rate := range r.Rates[class] {
		words[i] = strconv.FormatInt(rate.Limit, 10)
		if r.Unit == Bytes {
			words[i] = inBinaryUnits(rate.Limit)
		}
		if r.Unit != AtOnce {
			words[i] += "-" + letters[rate.Period]
		}
	}
	return strings.Join(words, "+")
}

// inBinaryUnits writes n so that it is read as n again.
func inBinaryUnits(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for ; i < len(units)-1 && n != 0 && n%1024 == 0; i++ {
		n /= 1024
	}
	return strconv.FormatInt(n, 10) + units[i]
}

// InADay returns the most that class may do by r in a day, or 0 if it is
// counted otherwise.
func (r Rule) InADay(class Class) int64 {
	most := int64(math.MaxInt64)
	for _, rate := range r.Rates[class] {
		if r.Unit == AtOnce || rate.Period == 0 {
			return 0
		}
		times := int64(day / rate.Period)
		if rate.Limit < most/times {
			most = rate.Limit * times
		}
	}
	return most
}

// Shares reports whether all classes have the same rates by r: what is counted
// by address knows nobody's tier.
func (r Rule) Shares() bool { return !r.hasClasses() }

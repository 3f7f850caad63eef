package limits

import (
	"math"
	"strconv"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
)

// day is the longest period.
const day = 24 * time.Hour

// letters name the periods in LIMITS.
var letters = map[time.Duration]string{time.Second: "S", time.Minute: "M", time.Hour: "H", day: "D"}

// Written returns the rates of r for class as LIMITS writes them: "5-S+100-M".
func (r Rule) Written(class Class) string {
	words := make([]string, len(r.Rates[class]))
	for i, rate := range r.Rates[class] {
		words[i] = strconv.FormatInt(rate.Limit, 10)
		if r.Unit == Bytes {
			words[i] = models.Size(rate.Limit).Exact()
		}
		if r.Unit != AtOnce {
			words[i] += "-" + letters[rate.Period]
		}
	}
	return strings.Join(words, "+")
}

// InADay returns the most that class can do by r in a day, or 0 if it has no period.
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

// Shares reports whether all classes have the same rates.
func (r Rule) Shares() bool { return !r.hasClasses() }

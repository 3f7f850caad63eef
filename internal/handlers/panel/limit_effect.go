package panel

import (
	"strconv"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/limits"
)

// A limitEffect is the effect of a change on one class.
type limitEffect struct {
	Class         limits.Class
	Before, After string
	Most          string // the most per day, before and after
	Verdict       string // "stricter", "less strict" or "distributed differently"
}

// limitEffects compares the rates of each class before and after a change.
func limitEffects(before, after limits.Rule) (effects []limitEffect) {
	for _, class := range limits.ClassesOf(before) {
		if before.Written(class) != after.Written(class) {
			effects = append(effects, limitEffectOf(before, after, class))
		}
	}
	return effects
}

func limitEffectOf(was, is limits.Rule, class limits.Class) limitEffect {
	e := limitEffect{Class: class, Before: inPlainWords(was, class), After: inPlainWords(is, class), Verdict: "distributed differently"}
	before, after := was.InADay(class), is.InADay(class)
	switch {
	case before == 0:
		before, after = was.Rates[class][0].Limit, is.Rates[class][0].Limit
		e.Most = strconv.FormatInt(before, 10) + " to " + strconv.FormatInt(after, 10) + " at the same time"
	case was.Unit == limits.Bytes:
		e.Most = page.Size(before) + " to " + page.Size(after) + " a day"
	default:
		e.Most = strconv.FormatInt(before, 10) + " to " + page.Count(int(after), "time", "times") + " a day"
	}
	if after < before {
		e.Verdict = "stricter"
	} else if after > before {
		e.Verdict = "less strict"
	}
	return e
}

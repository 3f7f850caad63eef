package page

import (
	"fmt"
	"reflect"
	"strconv"

	"example.org/cloakroom/internal/models"
)

// A formField is the data of the partials "field" and "select": a label, a control,
// its problem and a hint.
type formField struct {
	Name, Label, Hint, Problem        string
	ID                                string // differs from Name if the page has several fields of that name
	Type, Value, Autocomplete         string
	Pattern, Inputmode                string
	Min, Max, Count, Breaks, Rows     int // lengths; the page shows Count while the visitor types
	From, To                          string
	Required, Optional, Plain, Submit bool // Plain: no spelling check. Submit: Ctrl+Enter sends
	Sent                              bool // a script sends it with each file
	Autofocus, Any                    bool // Any: the first option means all
	Options                           []Choice
}

// field returns a formField. The arguments after the label are names of flags, and
// pairs of a name and a value. An unknown name is an error.
func field(problems Problems, name, label string, rest ...any) (formField, error) {
	f := formField{Name: name, ID: name, Label: label, Type: "text", Problem: problems.For(name)}
	flags := map[string]*bool{
		"required": &f.Required, "optional": &f.Optional, "plain": &f.Plain, "submit": &f.Submit, "autofocus": &f.Autofocus, "any": &f.Any,
		"sent": &f.Sent,
	}
	texts := map[string]*string{
		"hint": &f.Hint, "type": &f.Type, "value": &f.Value, "autocomplete": &f.Autocomplete, "pattern": &f.Pattern,
		"inputmode": &f.Inputmode, "from": &f.From, "to": &f.To, "id": &f.ID,
	}
	texts["rule"] = &f.Hint // which a problem says again, so it is left out beside one
	if f.Problem != "" {
		texts["rule"] = new(string)
	}
	numbers := map[string]*int{"min": &f.Min, "max": &f.Max, "count": &f.Count, "breaks": &f.Breaks, "rows": &f.Rows}
	for len(rest) > 0 {
		key := fmt.Sprint(rest[0])
		if flag, ok := flags[key]; ok {
			*flag, rest = true, rest[1:]
			continue
		}
		if len(rest) < 2 {
			return f, fmt.Errorf("the field %q has no value for %q", name, key)
		}
		value := rest[1]
		rest = rest[2:]
		if text, ok := texts[key]; ok {
			*text = fmt.Sprint(value)
		} else if number, ok := numbers[key]; ok {
			*number, _ = value.(int)
		} else if options, ok := value.([]Choice); ok && key == "options" {
			f.Options = options
		} else {
			return f, fmt.Errorf("the field %q knows no %q", name, key)
		}
	}
	return f, nil
}

// options returns the choices of a select from pairs of a value and its label.
func options(chosen any, pairs ...string) (rows []Choice) {
	for i := 0; i+1 < len(pairs); i += 2 {
		rows = append(rows, Choice{pairs[i], pairs[i+1], pairs[i] == fmt.Sprint(chosen)})
	}
	return rows
}

// choices returns the choices of a select from a list of values.
func choices(chosen, list any) (rows []Choice) {
	values := reflect.ValueOf(list)
	for i := range values.Len() {
		value := fmt.Sprint(values.Index(i))
		words := value
		if reason, ok := values.Index(i).Interface().(models.ReportReason); ok {
			words = reasonName(reason)
		}
		rows = append(rows, Choice{value, words, value == fmt.Sprint(chosen)})
	}
	return rows
}

// exactSize formats n bytes without rounding, in the syntax of settings: 1536MiB.
func exactSize(n int64) string {
	unit := 0
	for ; n != 0 && n%1024 == 0 && unit < 4; unit++ {
		n /= 1024
	}
	return strconv.FormatInt(n, 10) + []string{"", "KiB", "MiB", "GiB", "TiB"}[unit]
}

// anyNumber formats an integer of any type for people.
func anyNumber(n any) string { return Number(reflect.ValueOf(n).Int()) }

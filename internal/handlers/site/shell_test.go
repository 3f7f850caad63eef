package site

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/web"
)

// A page whose shell is cached looks as it does without a cache, whatever changes of its data:
// each field in turn is given another value.
func TestShell_MissesNoField(t *testing.T) {
	cached := must(web.Parse(page.Funcs))(t)
	frame := func(path string) page.Frame {
		return page.Frame{Title: "Title", User: models.User{ID: "U", Username: "mira", Role: models.RoleUser}, Path: path, Token: "T"}
	}
	list := siteSamples()["file_list"].(fileListPage) //nolint:forcetypeassert // it is one
	list.Frame, list.Problems = frame("/files"), nil
	for name, fields := range map[string]reflect.Value{
		"file_list": reflect.ValueOf(&list),
		"feed":      reflect.ValueOf(&feedPage{Frame: frame("/"), List: postListOf(pagetest.Posts(2), "/")}),
	} {
		seen := 0
		compare := func(what string) {
			seen++
			data := fields.Elem().Interface()
			fresh := must(web.Parse(page.Funcs))(t)
			want := must(fresh.Render(name, data))(t)
			for range 2 {
				if got := must(cached.Render(name, data))(t); string(got) != string(want) {
					t.Fatalf("%s with another %s shows an earlier page:\n%s\nwant\n%s", name, what, got, want)
				}
			}
		}
		compare("nothing")
		vary(fields.Elem(), name, compare)
		if seen < 40 {
			t.Errorf("%s: %d fields were changed", name, seen)
		}
	}
}

// vary changes each field below v in turn, calls compare, and changes it back.
func vary(v reflect.Value, path string, compare func(what string)) {
	before := reflect.New(v.Type()).Elem()
	before.Set(v)
	set := func(to any) {
		v.Set(reflect.ValueOf(to).Convert(v.Type()))
		compare(path)
		v.Set(before)
	}
	switch _, isTime := v.Interface().(time.Time); {
	case isTime:
		set(pagetest.Time)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			// Sorts follows from the other fields.
			if f := v.Type().Field(i); f.IsExported() && f.Name != "Sorts" {
				vary(v.Field(i), fmt.Sprint(path, ".", f.Name), compare)
			}
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		compare(path)
		v.Set(before)
	case v.Kind() == reflect.String:
		set("admin")
	case v.Kind() == reflect.Bool:
		set(!v.Bool())
	case v.CanInt():
		set(7)
	case v.Kind() == reflect.Slice && v.Len() > 0:
		v.SetLen(0)
		compare(path)
		v.Set(before)
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

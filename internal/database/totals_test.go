package database_test

import (
	"strings"
	"testing"

	"example.org/cloakroom/internal/database/databasetest"
)

// The panel's numbers are counted in indexes, never in tables.
func TestTotals_ReadIndexesAlone(t *testing.T) {
	db := databasetest.New(t)
	must(t, databasetest.Fill(t.Context(), db, databasetest.Size{Users: 200, Posts: 300, Comments: 900, Events: 10}))
	var query string
	var bound []any
	noting := db.Noting(func(q string, args []any) { query, bound = q, args })
	ctx := t.Context()
	for name, run := range map[string]func() error{
		"Totals":       func() error { _, err := noting.Totals(ctx); return err },
		"UsersByDay":   func() error { _, err := noting.UsersByDay(ctx, noon.AddDate(0, 0, -29), noon); return err },
		"UploadsByDay": func() error { _, err := noting.UploadsByDay(ctx, noon.AddDate(0, 0, -29), noon); return err },
		"HourCounts":   func() error { _, err := noting.HourCounts(ctx, noon); return err },
		"CountJobs":    func() error { _, err := noting.CountJobs(ctx); return err },
	} {
		must(t, run())
		plan := planOf(t, db, query, bound)
		for _, step := range strings.Split(plan, "\n") {
			reads := strings.HasPrefix(step, "SCAN ") || strings.HasPrefix(step, "SEARCH ")
			one := step == "SCAN CONSTANT ROW" || step == "SCAN days" || step == "SCAN u"
			index := strings.Contains(step, "USING COVERING INDEX") || strings.Contains(step, "USING PRIMARY KEY")
			if reads && !one && !index || strings.Contains(step, "TEMP B-TREE") || strings.Contains(step, "AUTOMATIC") {
				t.Errorf("%s: %s\n%s\n%s", name, step, query, plan)
			}
		}
	}
}

package limits_test

import (
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// newEdits returns the edits of one node on db, whose LIMITS are overrides.
func newEdits(t *testing.T, db *database.DB, overrides string) *limits.Edits {
	t.Helper()
	policy, err := limits.Defaults().Override(overrides)
	if err != nil {
		t.Fatal(err)
	}
	service := &limits.Service{Policy: policy, Stores: limits.Memory(10_000, time.Now), Now: time.Now, Counted: func(limits.Act, limits.Class, bool) {}}
	return &limits.Edits{DB: db, Limits: service, Now: time.Now}
}

func rates(e *limits.Edits, act limits.Act, class limits.Class) string {
	rule, _ := e.Limits.Current().Rule(act)
	return rule.Written(class)
}

// What an admin changes on one node holds there at once, and on the others once
// they have looked, until it is taken back.
func TestEdits_HoldOnEveryNode(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		here, there := newEdits(t, db, ""), newEdits(t, db, "")
		usual := rates(here, limits.Upload, limits.Free)
		save := func(value string) {
			t.Helper()
			typed := map[limits.Class]string{limits.Free: value, limits.Pro: ""}
			if err := here.Save(t.Context(), models.Actor{}, limits.Upload, typed); err != nil {
				t.Fatal(err)
			}
		}
		save(" 2-H, 1-M")
		if got := rates(here, limits.Upload, limits.Free); got != "1-M+2-H" {
			t.Errorf("here it is %s", got)
		}
		if got := rates(there, limits.Upload, limits.Free); got != usual {
			t.Errorf("there it is %s before anybody looked", got)
		}
		follow(t, there)
		if got := rates(there, limits.Upload, limits.Free); got != "1-M+2-H" {
			t.Errorf("there it is %s", got)
		}
		if got := rates(there, limits.Upload, limits.Pro); got != "25-S+300-M+5000-H" {
			t.Errorf("the other class has %s", got)
		}
		save("")
		follow(t, there)
		if got := rates(there, limits.Upload, limits.Free); got != usual {
			t.Errorf("taken back it is %s there", got)
		}
		save("7-M")
		if n, err := there.Reset(t.Context(), models.Actor{}); n != 1 || err != nil {
			t.Errorf("the reset takes back %d: %v", n, err)
		}
		follow(t, here)
		if got := rates(here, limits.Upload, limits.Free); got != usual {
			t.Errorf("after the reset it is %s", got)
		}
		events, err := db.AuditEventsAfter(t.Context(), 0, 10)
		if err != nil || len(events) != 4 || events[0].Detail != "upload.free: "+usual+" to 1-M+2-H" || events[0].Object != "limit:upload" {
			t.Errorf("the audit log has %+v, %v", events, err)
		}
	})
}

func follow(t *testing.T, e *limits.Edits) {
	t.Helper()
	if err := e.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestEdits_JudgeWhatIsTyped(t *testing.T) {
	e := newEdits(t, databasetest.New(t), "upload.pro=9-M,login=9-M,post=fixed")
	for _, c := range []struct {
		act   limits.Act
		class limits.Class
		typed string
		want  string // in the problem; empty: it is taken
	}{
		{limits.Upload, limits.Free, "5-S+100-M", ""},
		{limits.Upload, limits.Free, "", ""},
		{limits.Upload, limits.Free, "0-M", "Rates are like"},
		{limits.Upload, limits.Free, "-1-M", "Rates are like"},
		{limits.Upload, limits.Free, "5", "Rates are like"},
		{limits.Upload, limits.Free, "5-M+6-M", "Rates are like"},
		{limits.Upload, limits.Free, "fixed", "Rates are like"},
		{limits.Upload, limits.Free, "5-M,login=1-D", "Rates are like"},
		{limits.Upload, limits.Free, "5-M\x00", "Rates are like"},
		{limits.Upload, limits.Free, "99999999999999999999-M", "Rates are like"},
		{limits.Upload, limits.Pro, "8-M", "LIMITS in the environment"},
		{limits.Login, limits.Guest, "8-M", "LIMITS in the environment"},
		{limits.UploadBytes, limits.Free, "10GiB-D", ""},
		{limits.UploadBytes, limits.Free, "10-", "20 GiB a day"},
		{limits.UploadsAtOnce, limits.Free, "3", ""},
		{limits.UploadsAtOnce, limits.Free, "0", "Rates are like 6"},
		{limits.Page, limits.Admins, "60-M", ""},
		{limits.Page, limits.Admins, "59-M", "Admins need at least 60"},
		{limits.Page, limits.Admins, "3599-H", "Admins need at least 60"},
		{limits.Admin, limits.Admins, "1-S", ""},
		{limits.Admin, limits.Admins, "86399-D", "Admins need at least 60"},
		{limits.Page, limits.Free, "1-D", ""},
		{limits.LoginAccount, limits.Guest, "3-D", ""},
		{limits.LoginAccount, limits.Guest, "2-S", "fewer than 3"},
	} {
		_, err := e.Preview(c.act, map[limits.Class]string{c.class: c.typed})
		said := ""
		if found := problem.All(err); found != nil {
			said = found[0].Message
			if found[0].Field != string(c.class) {
				t.Errorf("%s %q: the problem is at %q", c.act, c.typed, found[0].Field)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		if (c.want == "") != (said == "") || !strings.Contains(said, c.want) {
			t.Errorf("%s.%s = %q: %q, want %q", c.act, c.class, c.typed, said, c.want)
		}
	}
	if _, err := e.Preview("nothing", nil); problem.KindOf(err) != problem.NotFound {
		t.Errorf("an act that is none: %v", err)
	}
}

// A form is sent whole: what stayed as it was is no change, and neither is what
// is typed to be the default.
func TestEdits_KeepOnlyChanges(t *testing.T) {
	db := databasetest.New(t)
	e := newEdits(t, db, "")
	typed := map[limits.Class]string{}
	for _, class := range limits.Classes() {
		typed[class] = rates(e, limits.Upload, class)
	}
	typed[limits.Free] = "2-H"
	if err := e.Save(t.Context(), models.Actor{}, limits.Upload, typed); err != nil {
		t.Fatal(err)
	}
	edits, err := db.LimitEdits(t.Context())
	if err != nil || len(edits) != 1 || edits[0].Entry != "upload.free" {
		t.Errorf("kept are %+v, %v", edits, err)
	}
	if e.Limits.Current().Names(limits.Upload, limits.Pro) {
		t.Error("a class that nobody changed is named as changed")
	}
}

// What an older release kept, or what is in the environment by now, changes
// nothing.
func TestEdits_PassOverWhatDoesNotFit(t *testing.T) {
	db := databasetest.New(t)
	for entry, value := range map[string]string{"gone.free": "1-M", "upload.free": "rubbish", "upload.pro": "1-M", "post.free": "1-M"} {
		if err := db.SetLimitEdit(t.Context(), models.LimitEdit{Entry: entry, Value: value, UpdatedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	e := newEdits(t, db, "upload.pro=9-M")
	follow(t, e)
	if got := rates(e, limits.Upload, limits.Pro); got != "9-M" {
		t.Errorf("the environment is overruled: %s", got)
	}
	if got := rates(e, limits.Post, limits.Free); got != "1-M" {
		t.Errorf("the good one is lost: %s", got)
	}
}

// Whatever is written is read as the same.
func TestWritten_IsReadAgain(t *testing.T) {
	for _, text := range []string{"5-S+100-M", "1-D", "1B-D", "1500B-D", "3MiB-H", "20GiB-D", "2TiB-D", "6"} {
		act := limits.Post
		if strings.Contains(text, "B") {
			act = limits.UploadBytes
		} else if !strings.Contains(text, "-") {
			act = limits.UploadsAtOnce
		}
		policy, err := limits.Defaults().Override(string(act) + "=" + text)
		if err != nil {
			t.Fatal(err)
		}
		if rule, _ := policy.Rule(act); rule.Written(limits.Free) != text {
			t.Errorf("%s is written %s", text, rule.Written(limits.Free))
		}
	}
}

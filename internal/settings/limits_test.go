package settings_test

import (
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/settings"
)

// rates returns what holds on a node, as LIMITS writes it.
func (n *node) rates(act limits.Act, class limits.Class) string {
	rule, _ := n.holds.Policy.Rule(act)
	return rule.Written(class)
}

// A limit that an admin changes on one node holds there at once, and on the
// others once they have reloaded, until it is reset.
func TestLimits_HoldOnEveryNode(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		here, there := newNode(t, db), newNode(t, db)
		usual := here.rates(limits.Upload, limits.Free)
		here.save(t, map[string]string{"LIMITS:upload.free": " 2-H, 1-M", "LIMITS:upload.pro": ""})
		if got := here.rates(limits.Upload, limits.Free); got != "1-M+2-H" {
			t.Errorf("here it is %s", got)
		}
		if got := there.rates(limits.Upload, limits.Free); got != usual {
			t.Errorf("there it is %s before anybody reloaded", got)
		}
		there.follow(t)
		if got := there.rates(limits.Upload, limits.Free); got != "1-M+2-H" {
			t.Errorf("there it is %s", got)
		}
		if got := there.rates(limits.Upload, limits.Pro); got != "25-S+300-M+5000-H" {
			t.Errorf("the other class has %s", got)
		}
		here.save(t, map[string]string{"LIMITS:upload.free": ""})
		there.follow(t)
		if got := there.rates(limits.Upload, limits.Free); got != usual {
			t.Errorf("taken back it is %s there", got)
		}
		here.save(t, map[string]string{"LIMITS:upload.free": "7-M", "REGISTRATION": "closed"})
		if n, err := there.Reset(t.Context(), models.Actor{}, settings.IsLimit); n != 1 || err != nil {
			t.Errorf("the reset takes back %d: %v", n, err)
		}
		here.follow(t)
		if got := here.rates(limits.Upload, limits.Free); got != usual || here.holds.Registration != "closed" {
			t.Errorf("after the reset it is %s, and registration %s", got, here.holds.Registration)
		}
		events, err := db.AuditEventsAfter(t.Context(), 0, 10)
		if err != nil || len(events) != 5 || events[0].Detail != usual+" to 1-M+2-H" || events[0].Object != "setting:LIMITS:upload.free" {
			t.Errorf("the audit log has %+v, %v", events, err)
		}
	})
}

func TestLimits_JudgeWhatIsTyped(t *testing.T) {
	n := newNode(t, databasetest.New(t), "LIMITS=upload.pro=9-M,login=9-M,post=fixed")
	for _, c := range []struct{ entry, typed, want string }{ // want is in the problem; empty: it is taken
		{"upload.free", "5-S+100-M", ""},
		{"upload.free", "", ""},
		{"upload.free", "0-M", "rates such as"},
		{"upload.free", "-1-M", "rates such as"},
		{"upload.free", "5", "rates such as"},
		{"upload.free", "5-M+6-M", "rates such as"},
		{"upload.free", "fixed", "rates such as"},
		{"upload.free", "5-M,login=1-D", "rates such as"},
		{"upload.free", "5-M\x00", "rates such as"},
		{"upload.free", "99999999999999999999-M", "rates such as"},
		{"upload.pro", "8-M", "LIMITS"},
		{"login", "8-M", "LIMITS"},
		{"upload-bytes.free", "10GiB-D", ""},
		{"upload-bytes.free", "10-", "20 GiB a day"},
		{"uploads-at-once.free", "3", ""},
		{"uploads-at-once.free", "0", "rates such as 6"},
		{"page.admin", "60-M", ""},
		{"page.admin", "59-M", "Admins need at least 60"},
		{"page.admin", "3599-H", "Admins need at least 60"},
		{"admin.admin", "1-S", ""},
		{"admin.admin", "86399-D", "Admins need at least 60"},
		{"page.free", "1-D", ""},
		{"login-account", "3-D", ""},
		{"login-account", "2-S", "fewer than 3"},
		{"nothing", "1-M", "no such setting"},
		{"upload", "1-M", "no such setting"},
		{"upload.gold", "1-M", "no such setting"},
		{"login.free", "5-M", "no such setting"},
		{"*", "1-M", "no such setting"},
	} {
		name := "LIMITS:" + c.entry
		_, _, err := n.Preview(t.Context(), models.Actor{}, map[string]string{name: c.typed})
		said := ""
		if found := problem.All(err); found != nil {
			said = found[0].Message
			if found[0].Field != settings.Field(name) && problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s %q: the problem is at %q", c.entry, c.typed, found[0].Field)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		if (c.want == "") != (said == "") || !strings.Contains(said, c.want) {
			t.Errorf("%s = %q: %q, want %q", c.entry, c.typed, said, c.want)
		}
	}
}

// A form is sent whole: what stayed as it was is no change, and neither is a
// default that is typed.
func TestLimits_KeepOnlyChanges(t *testing.T) {
	db := databasetest.New(t)
	n := newNode(t, db)
	typed := map[string]string{}
	for _, class := range limits.Classes() {
		typed["LIMITS:upload."+string(class)] = n.rates(limits.Upload, class)
	}
	typed["LIMITS:upload.free"] = "2-H"
	n.save(t, typed)
	edits, err := db.SettingEdits(t.Context())
	if err != nil || len(edits) != 1 || edits[0].Name != "LIMITS:upload.free" {
		t.Errorf("kept are %+v, %v", edits, err)
	}
	if n.Changed("LIMITS:upload.pro") || !n.Changed("LIMITS:upload.free") {
		t.Error("a class that nobody changed is named as changed")
	}
}

// What an older release kept, or what is in the environment by now, changes
// nothing.
func TestLimits_PassOverWhatDoesNotFit(t *testing.T) {
	db := databasetest.New(t)
	for entry, value := range map[string]string{"gone.free": "1-M", "upload.free": "rubbish", "upload.pro": "1-M", "post.free": "1-M"} {
		edit := models.SettingEdit{Name: "LIMITS:" + entry, Value: value, UpdatedAt: time.Now()}
		if err := db.SetSettingEdit(t.Context(), edit); err != nil {
			t.Fatal(err)
		}
	}
	n := newNode(t, db, "LIMITS=upload.pro=9-M")
	n.follow(t)
	if got := n.rates(limits.Upload, limits.Pro); got != "9-M" {
		t.Errorf("the environment is overruled: %s", got)
	}
	if got := n.rates(limits.Post, limits.Free); got != "1-M" {
		t.Errorf("the good one is lost: %s", got)
	}
}

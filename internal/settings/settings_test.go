package settings_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/settings"
)

// A node is one server of the site.
type node struct {
	*settings.Service
	holds settings.Values // what its services were told last
}

func newNode(t testing.TB, db *database.DB, environ ...string) *node {
	t.Helper()
	cfg, err := config.Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	base, err := settings.ValuesOf(cfg)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{holds: base}
	n.Service = &settings.Service{DB: db, Base: base, Apply: func(values settings.Values) { n.holds = values }, Now: time.Now}
	return n
}

func (n *node) save(t *testing.T, typed map[string]string) {
	t.Helper()
	if err := n.Save(t.Context(), models.Actor{}, typed); err != nil {
		t.Fatal(err)
	}
}

func (n *node) follow(t *testing.T) {
	t.Helper()
	if err := n.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// What an admin changes on one node holds there at once, and on the others once
// they have looked, until it is taken back.
func TestSettings_HoldOnEveryNode(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		here, there := newNode(t, db), newNode(t, db)
		here.save(t, map[string]string{"REGISTRATION": " closed ", "TIERS:free.storage": "7GiB", "SECOND_FACTOR_ROLES": "moderator,admin"})
		if here.holds.Registration != "closed" || here.holds.Tier(models.TierFree).Storage != 7<<30 ||
			len(here.holds.FactorRoles()) != 2 || !here.Changed("REGISTRATION") || here.Changed("TIERS:pro.storage") {
			t.Errorf("here holds %s, %d and %v", here.holds.Registration, here.holds.Tier(models.TierFree).Storage, here.holds.FactorRoles())
		}
		if there.holds.Registration != "open" {
			t.Errorf("there it is %s before anybody looked", there.holds.Registration)
		}
		there.follow(t)
		if there.holds.Registration != "closed" || there.holds.Tier(models.TierFree).Storage != 7<<30 ||
			there.holds.Tier(models.TierPro).Storage != 50<<30 {
			t.Errorf("there holds %s and %d", there.holds.Registration, there.holds.Tier(models.TierFree).Storage)
		}
		here.save(t, map[string]string{"TIERS:free.storage": ""})
		there.follow(t)
		if there.holds.Registration != "closed" || there.holds.Tier(models.TierFree).Storage != 5<<30 {
			t.Errorf("taken back, there holds %s and %d", there.holds.Registration, there.holds.Tier(models.TierFree).Storage)
		}
		match := func(name string) bool { return name == "REGISTRATION" || settings.IsTier(name) }
		if n, err := there.Reset(t.Context(), models.Actor{}, match); n != 1 || err != nil {
			t.Errorf("the reset takes back %d: %v", n, err)
		}
		here.follow(t)
		if here.holds.Registration != "open" || len(here.holds.FactorRoles()) != 2 {
			t.Errorf("after the reset holds %s, and %v", here.holds.Registration, here.holds.FactorRoles())
		}
		events, err := db.AuditEventsAfter(t.Context(), 0, 10)
		if err != nil || len(events) != 5 || events[0].Object != "setting:REGISTRATION" || events[0].Detail != "open to closed" ||
			events[1].Detail != "nothing to moderator,admin" || events[4].Detail != "closed to open" {
			t.Errorf("the audit log has %+v, %v", events, err)
		}
	})
}

// What is typed is held to its bounds, at each edge.
func TestSettings_JudgeWhatIsTyped(t *testing.T) {
	n := newNode(t, databasetest.New(t), "TIERS=pro.storage=10GiB", "CONFIRMED_FOR=5m")
	domain := func(length int) string { return strings.Repeat("a", length-3) + ".de" }
	for _, c := range []struct{ name, typed, want string }{ // want is in the problem; empty: it is taken
		{"REGISTRATION", "closed", ""}, {"REGISTRATION", "", ""}, {"REGISTRATION", "CLOSED", "open, invitation or closed"},
		{"REGISTRATION", "closed\x00", "open, invitation"},
		{"REGISTRATION_DOMAINS", "a.example.org, b.example.org", ""}, {"REGISTRATION_DOMAINS", "münchen.example", ""},
		{"REGISTRATION_DOMAINS", "localhost", "domains"},
		{"REGISTRATION_DOMAINS", "a.org,<b>.org", "domains"}, {"REGISTRATION_DOMAINS", "a.org\nb.org", "domains"},
		{"REGISTRATION_DOMAINS", "\xff.org", "domains"}, {"REGISTRATION_DOMAINS", "*.org", "domains"},
		{"REGISTRATION_DOMAINS", domain(2000), ""}, {"REGISTRATION_DOMAINS", domain(2001), "at most 2,000"},
		{"EMAIL_VERIFICATION", "required", "needs a mail server (SMTP_URL)"}, {"EMAIL_VERIFICATION", "optional", ""},
		{"SECOND_FACTOR_ROLES", "user,moderator,admin", ""}, {"SECOND_FACTOR_ROLES", "king", "user, moderator and admin"},
		{"CONFIRMED_FOR", "10m", "environment"},
		{"TIERS:free.file", "1KiB", ""}, {"TIERS:free.file", "1023B", "from 1KiB"}, {"TIERS:free.file", "-1", "from 1KiB"},
		{"TIERS:free.file", "much", "from 1KiB"},
		{"TIERS:free.file", "5GiB", ""}, {"TIERS:free.file", "5368709121", "fit into the storage"},
		{"TIERS:premium.file", "500GiB", ""}, {"TIERS:premium.file", "1025GiB", "to 1TiB"},
		{"TIERS:free.storage", "1PiB", ""}, {"TIERS:free.storage", "1125899906842625", "to 1PiB"},
		{"TIERS:premium.storage", "20GiB", ""}, {"TIERS:premium.storage", "19GiB", "fit into the storage"},
		{"TIERS:pro.storage", "20GiB", "environment"},
		{"TIERS:free.image-side", "1", ""}, {"TIERS:free.image-side", "0", "from 1 to 65535"}, {"TIERS:free.image-side", "65535", ""},
		{"TIERS:free.image-side", "65536", "from 1 to 65535"},
		{"TIERS:free.post-files", "1", ""}, {"TIERS:free.post-files", "0", "from 1 to 100"},
		{"TIERS:free.post-files", fmt.Sprint(models.MaxPostFiles), ""},
		{"TIERS:free.post-files", fmt.Sprint(models.MaxPostFiles + 1), "from 1 to 100"}, {"TIERS:free.post-files", "1.5", "from 1"},
		{"AUDIT_RETENTION", "1s", "no such setting"}, {"SITE_KEY", "x", "no such setting"}, {"PATH", "x", "no such setting"},
	} {
		_, _, err := n.Preview(t.Context(), models.Actor{}, map[string]string{c.name: c.typed})
		said := ""
		if found := problem.All(err); found != nil {
			said = found[0].Message
			atField := found[0].Field == settings.Field(c.name) || strings.HasSuffix(c.name, ".storage") && found[0].Field == "file"
			if !atField && problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s=%q: the problem is at %q", c.name, c.typed, found[0].Field)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		if (c.want == "") != (said == "") || !strings.Contains(said, c.want) {
			t.Errorf("%s=%.40q: %q, want %q", c.name, c.typed, said, c.want)
		}
		if err := n.Save(t.Context(), models.Actor{}, map[string]string{c.name: c.typed}); (err == nil) != (c.want == "") {
			t.Errorf("%s=%.40q is kept: %v", c.name, c.typed, err)
		}
		n.save(t, map[string]string{"TIERS:free.file": "", "TIERS:free.storage": "", "TIERS:premium.file": "", "TIERS:premium.storage": ""})
	}
}

// An admin does not shut themselves out, whatever others may do.
func TestSettings_ShutNobodyOut(t *testing.T) {
	now := time.Now()
	bare := models.User{ID: "A", Role: models.RoleAdmin}
	proved, factored := bare, bare
	proved.EmailVerifiedAt, factored.HasFactor = &now, true
	for _, c := range []struct {
		who         models.User
		name, value string
		ok          bool
	}{
		{bare, "SECOND_FACTOR_ROLES", "admin", false}, {bare, "SECOND_FACTOR_ROLES", "user, admin", false},
		{bare, "SECOND_FACTOR_ROLES", "user", true},
		{factored, "SECOND_FACTOR_ROLES", "admin", true}, {models.User{}, "SECOND_FACTOR_ROLES", "admin", true},
		{bare, "EMAIL_VERIFICATION", "required", false}, {factored, "EMAIL_VERIFICATION", "required", false},
		{proved, "EMAIL_VERIFICATION", "required", true},
	} {
		n := newNode(t, databasetest.New(t), "SMTP_URL=smtp://127.0.0.1:25", "MAIL_FROM=a@example.org")
		err := n.Save(t.Context(), models.Actor{User: c.who}, map[string]string{c.name: c.value})
		if found := problem.All(err); (err == nil) != c.ok || err != nil && (len(found) != 1 || found[0].Field != strings.ToLower(c.name)) {
			t.Errorf("%s=%s by %+v: %v", c.name, c.value, c.who, err)
		}
	}
	n := newNode(t, databasetest.New(t), "SECOND_FACTOR_ROLES=admin")
	if err := n.Save(t.Context(), models.Actor{User: bare}, map[string]string{"REGISTRATION": "closed"}); err != nil {
		t.Errorf("what the environment wants stops another change: %v", err)
	}
}

// Typing the default is no change, however it is written.
func TestSettings_KeepOnlyChanges(t *testing.T) {
	db := databasetest.New(t)
	n := newNode(t, db)
	n.save(t, map[string]string{"TIERS:free.file": "1024MiB", "TIERS:free.storage": "5GiB", "REGISTRATION": "open",
		"TIERS:free.post-files": "11"})
	edits, err := db.SettingEdits(t.Context())
	if err != nil || len(edits) != 1 || edits[0].Name != "TIERS:free.post-files" || edits[0].Value != "11" {
		t.Errorf("kept are %+v, %v", edits, err)
	}
	changes, _, err := n.Preview(t.Context(), models.Actor{}, map[string]string{"TIERS:free.post-files": "11",
		"TIERS:free.storage": "5120MiB", "REGISTRATION": "closed"})
	if err != nil || len(changes) != 3 || !changes[0].Changes() || changes[0].Name != "REGISTRATION" || changes[1].Changes() ||
		changes[2].Changes() {
		t.Errorf("the changes are %+v, %v", changes, err)
	}
}

// What another release kept, or what is in the environment by now, changes
// nothing, and stands in nobody's way.
func TestSettings_PassOverWhatDoesNotFit(t *testing.T) {
	db := databasetest.New(t)
	for name, value := range map[string]string{"GONE": "1", "SITE_KEY": "x", "AUDIT_RETENTION": "1s", "TIERS:free.file": "rubbish",
		"REGISTRATION": "open", "TIERS:free.storage": "9GiB"} {
		if err := db.SetSettingEdit(t.Context(), models.SettingEdit{Name: name, Value: value, UpdatedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	n := newNode(t, db, "REGISTRATION=closed")
	n.follow(t)
	if n.holds.Registration != "closed" || n.holds.Tier(models.TierFree).MaxFileSize != 1<<30 ||
		n.holds.Tier(models.TierFree).Storage != 9<<30 || n.holds.AuditRetention != 17520*time.Hour || n.holds.SiteKey != "" {
		t.Errorf("it holds %s, %d, %d, %v", n.holds.Registration, n.holds.Tier(models.TierFree).MaxFileSize,
			n.holds.Tier(models.TierFree).Storage, n.holds.AuditRetention)
	}
	n.save(t, map[string]string{"TIERS:free.post-files": "12"})
	if n.holds.Tier(models.TierFree).MaxPostFiles != 12 || n.holds.Tier(models.TierFree).Storage != 9<<30 {
		t.Errorf("then it holds %d and %d", n.holds.Tier(models.TierFree).MaxPostFiles, n.holds.Tier(models.TierFree).Storage)
	}
}

// Of two changes that do not fit together, made at once on two nodes, one is
// refused.
func TestSettings_AreChangedOneAfterTheOther(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		nodes := []*node{newNode(t, db), newNode(t, db)}
		typed := []map[string]string{{"TIERS:free.file": "4GiB"}, {"TIERS:free.storage": "3GiB"}}
		for range 5 {
			var errs [2]error
			var all sync.WaitGroup
			begin := make(chan struct{})
			for i := range nodes {
				all.Go(func() {
					<-begin
					errs[i] = nodes[i].Save(t.Context(), models.Actor{}, typed[i])
				})
			}
			close(begin)
			all.Wait()
			refused := 0
			for _, err := range errs {
				if err != nil && problem.KindOf(err) != problem.Invalid {
					t.Fatal(err)
				}
				if err != nil {
					refused++
				}
			}
			nodes[0].follow(t)
			if gets := nodes[0].holds.Tier(models.TierFree); refused != 1 || gets.MaxFileSize > gets.Storage {
				t.Errorf("%d are refused, and a file may have %d of %d", refused, gets.MaxFileSize, gets.Storage)
			}
			nodes[0].save(t, map[string]string{"TIERS:free.file": "", "TIERS:free.storage": ""})
		}
	})
}

// An admin who changes settings while another does waits, and is checked against what the
// other left.
func TestSave_IsJudgedByWhatIsThereThen(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n, saved := newNode(t, db), make(chan error, 1)
		err := db.Tx(t.Context(), func(tx *database.DB) error {
			if _, err := tx.SettingEditsToChange(t.Context()); err != nil {
				return err
			}
			go func() { saved <- n.Save(t.Context(), models.Actor{}, map[string]string{"TIERS:free.file": "4GiB"}) }()
			waits(t, db)
			return tx.SetSettingEdit(t.Context(), models.SettingEdit{Name: "TIERS:free.storage", Value: "3GiB", UpdatedAt: time.Now()})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-saved; problem.KindOf(err) != problem.Invalid || err == nil {
			t.Errorf("a file of 4 GiB with a storage of 3: %v", err)
		}
	})
}

// waits returns once somebody waits for a row; on SQLite they wait outside of it.
func waits(t *testing.T, db *database.DB) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for waiting := 0; waiting == 0 && db.Dialect() == database.Postgres; <-look.C {
		const ask = `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
		if err := db.SQLPool().QueryRowContext(t.Context(), ask).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
}

// The preview counts whom a quota would leave without room, and nobody else.
func TestPreviewTier_CountsWhoIsOver(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		own := int64(1)
		for i, u := range []models.User{
			{Tier: models.TierFree, StorageUsed: 1 << 30}, {Tier: models.TierFree, StorageUsed: 1<<30 + 1},
			{Tier: models.TierFree, StorageUsed: 6 << 30},
			{Tier: models.TierFree, StorageUsed: 9 << 30, Quota: &own}, {Tier: models.TierFree}, {Tier: models.TierPro, StorageUsed: 9 << 30},
		} {
			u.ID, u.Username, u.UsernameKey, u.Role = models.NewUserID(), models.Username(fmt.Sprintf("user_%d", i)), fmt.Sprintf("user_%d", i),
				models.RoleUser
			if err := db.CreateUser(t.Context(), &u); err != nil {
				t.Fatal(err)
			}
		}
		n := newNode(t, db)
		effect, err := n.PreviewTier(t.Context(), models.Actor{}, models.TierFree, map[string]string{"TIERS:free.storage": "1GiB"})
		if want := (models.TierCount{Users: 5, OwnQuota: 1, OverBefore: 1, OverAfter: 2}); err != nil || effect.Count != want ||
			effect.Before.Storage != 5<<30 || effect.After.Storage != 1<<30 {
			t.Errorf("it says %+v, %v, want %+v", effect, err, want)
		}
		if n.Current().Tier(models.TierFree).Storage != 5<<30 {
			t.Error("the preview changed something")
		}
	})
}

// What a hint says is what holds.
func TestControls_SayWhatHolds(t *testing.T) {
	n := newNode(t, databasetest.New(t))
	for _, s := range n.Current().Manual() {
		for _, c := range settings.Controls() {
			if c.Name == "CONFIRMED_FOR" && s.Name == c.Name && (!strings.Contains(strings.ToLower(c.Hint), s.Allowed) ||
				!strings.Contains(c.Hint, "empty: "+s.Default)) {
				t.Errorf("%s may be %s, by default %s, and its hint is %s", s.Name, s.Allowed, s.Default, c.Hint)
			}
			for _, choice := range c.Choices {
				if c.Name == s.Name && !strings.Contains(s.Allowed, choice) {
					t.Errorf("%s may not be %s", s.Name, choice)
				}
			}
		}
	}
}

// BenchmarkReload is what a node does every few seconds, with every limit edited.
func BenchmarkReload(b *testing.B) {
	db := databasetest.New(b)
	n := newNode(b, db)
	err := db.Tx(b.Context(), func(tx *database.DB) error {
		for _, rule := range n.Base.Policy.Rules() {
			for _, class := range limits.ClassesOf(rule) {
				edit := models.SettingEdit{Name: settings.LimitName(rule, class), Value: rule.Written(class), UpdatedAt: time.Now()}
				if err := tx.SetSettingEdit(b.Context(), edit); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := n.Reload(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

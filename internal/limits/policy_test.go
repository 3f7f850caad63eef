package limits_test

import (
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/limits"
)

func TestDefaults_AreWhole(t *testing.T) {
	seen := map[limits.Act]bool{}
	for _, rule := range limits.Defaults().Rules() {
		if seen[rule.Act] || rule.Says == "" || rule.By == "" || rule.Strategy == "" || rule.Unit == "" {
			t.Errorf("%s is there twice, or lacks something: %+v", rule.Act, rule)
		}
		seen[rule.Act] = true
		for _, class := range limits.Classes() {
			rates := rule.Rates[class]
			if len(rates) == 0 {
				t.Errorf("%s has no rate for %s", rule.Act, class)
			}
			for i, rate := range rates {
				if rate.Limit < 1 || i > 0 && rate.Period <= rates[i-1].Period {
					t.Errorf("%s for %s: %v", rule.Act, class, rates)
				}
			}
		}
	}
}

// A tier up is five or ten times as much, and an admin has 1000 a minute.
func TestDefaults_TiersAreOneToFiveToTen(t *testing.T) {
	for _, rule := range limits.Defaults().Rules() {
		if rule.By != limits.ByVisitor || rule.Unit == limits.AtOnce || rule.Act == limits.Part || rule.Act == limits.Admin {
			continue // what is the same for all, or goes by what a machine can do
		}
		free, pro, premium, admins := rule.Rates[limits.Free], rule.Rates[limits.Pro], rule.Rates[limits.Premium], rule.Rates[limits.Admins]
		for i := range free {
			if pro[i].Limit != 5*free[i].Limit || premium[i].Limit != 10*free[i].Limit {
				t.Errorf("%s: %v, %v, %v", rule.Act, free, pro, premium)
			}
		}
		if rule.Unit == limits.Times && (len(admins) != 1 || admins[0] != (limits.Rate{Period: time.Minute, Limit: 1000})) {
			t.Errorf("%s: admins have %v", rule.Act, admins)
		}
		for _, rate := range premium {
			if rule.Unit == limits.Times && rate.Period == time.Minute && rate.Limit > 1000 {
				t.Errorf("%s: the premium tier has more than admins", rule.Act)
			}
		}
	}
	api, _ := limits.Defaults().Rule(limits.APIRead)
	if got := api.Rates[limits.Free][0]; got != (limits.Rate{Period: time.Minute, Limit: 60}) {
		t.Errorf("the API's free rate is %v", got)
	}
}

func TestOverride(t *testing.T) {
	policy, err := limits.Defaults().Override(" upload.free = 100-M+5-s, api-read=7-H,api-read.pro=9-H " +
		",upload-bytes.guest=1.5GiB-D,uploads-at-once.free=3,search=fixed,")
	if err != nil {
		t.Fatal(err)
	}
	rates := func(act limits.Act, class limits.Class) []limits.Rate {
		rule, _ := policy.Rule(act)
		return rule.Rates[class]
	}
	if got := rates(limits.Upload, limits.Free); len(got) != 2 || got[0] != (limits.Rate{Period: time.Second, Limit: 5}) ||
		got[1].Limit != 100 {
		t.Errorf("uploads: %v", got)
	}
	if rates(limits.APIRead, limits.Guest)[0].Limit != 7 || rates(limits.APIRead, limits.Pro)[0].Limit != 9 {
		t.Errorf("reads by the API: %v", rates(limits.APIRead, limits.Pro))
	}
	if got := rates(limits.UploadBytes, limits.Guest); got[0].Limit != 3<<29 || got[0].Period != 24*time.Hour {
		t.Errorf("bytes: %v", got)
	}
	if rates(limits.UploadsAtOnce, limits.Free)[0].Limit != 3 {
		t.Error("uploads at once stayed as they were")
	}
	if rule, _ := policy.Rule(limits.Search); rule.Strategy != limits.Fixed {
		t.Error("searches do not run in fixed windows")
	}
	before, _ := limits.Defaults().Rule(limits.Search)
	if before.Strategy != limits.Sliding {
		t.Error("an override changed the defaults")
	}
	all, err := limits.Defaults().Override("*=1-D, *=fixed")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range all.Rules() {
		changed := rule.Strategy == limits.Fixed && rule.Rates[limits.Admins][0].Limit == 1
		if guards := rule.By != limits.ByVisitor; rule.Unit == limits.Times && changed == guards {
			t.Errorf("* changed %s: %v", rule.Act, changed)
		}
		if rule.Unit == limits.Bytes && rule.Strategy != limits.Sliding {
			t.Errorf("* changed how %s are counted, which are given back", rule.Act)
		}
	}
}

func TestOverride_NamesWhatIsWrong(t *testing.T) {
	for _, wrong := range []string{
		"upload", "nothing=1-S", "upload.nobody=1-S", "upload=1", "upload=1-W", "upload=-1-S", "upload=0-S", "upload=x-S", "upload=1-S+2-S",
		"upload=1-S+", "upload=", "upload.free=fixed", "upload-bytes=fixed", "uploads-at-once=3-S", "uploads-at-once=0", "uploads-at-once=x",
		"upload=1GiB-S", "upload-bytes=x-D", "upload=9999999999999999-D", "=1-S", ".free=1-S", "login.guest=1-S",
		"login-account.admin=1-S", "upload.free.pro=1-S",
	} {
		_, err := limits.Defaults().Override("page=1-S," + wrong)
		if err == nil || !strings.HasPrefix(err.Error(), `"`+wrong) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func FuzzOverride(f *testing.F) {
	f.Add("upload.free=5-S+100-M,upload-bytes=1GiB-D,*=fixed,uploads-at-once=2")
	f.Fuzz(func(t *testing.T, text string) {
		policy, err := limits.Defaults().Override(text)
		if err != nil {
			return
		}
		for _, rule := range policy.Rules() {
			for class, rates := range rule.Rates {
				for _, rate := range rates {
					if rate.Limit < 1 || rule.Unit != limits.AtOnce && rate.Period < time.Second {
						t.Errorf("%q gives %s for %s %v", text, rule.Act, class, rate)
					}
				}
			}
		}
	})
}

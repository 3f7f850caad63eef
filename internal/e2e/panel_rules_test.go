package e2e_test

import (
	"fmt"
	"strings"
)

// invite creates an invitation, with which a guest registers; it works once.
func (p *panel) invite() {
	p.t.Helper()
	b, name := p.boss, fmt.Sprintf("ida_%v", p.js)
	b.open("/admin/invitations", 200)
	b.choose("#tier", "pro")
	b.fill("#email", name+"@example.org")
	b.fill("#note", "for "+name)
	b.submit("form[action='/admin/invitations'] button", 201)
	link := b.secretPath()
	b.wantText(".rows", "for "+name)
	b.checkNarrow()
	guest := newTab(p.t, p.browser, p.site, p.js)
	guest.open(link, 200)
	guest.fill("#username", name)
	guest.fill("#email", "other@example.org")
	guest.fill("#password", password)
	guest.submit("main form button[type=submit]", 422)
	guest.wantText("#email-problem", "invitation")
	guest.fill("#email", name+"@example.org")
	guest.fill("#password", password)
	guest.submit("main form button[type=submit]", 200)
	guest.wantText(".menu-name", name)
	newTab(p.t, p.browser, p.site, p.js).open(link, 404)
	b.open("/admin/users/"+name, 200)
	b.wantText("#about ~ dl", "pro")
	b.open("/admin/invitations", 200)
	b.wantText(".rows li:first-child", "by "+name)
}

// ipRules creates a rule and deletes it. A rule that would block the admin is refused.
func (p *panel) ipRules() {
	p.t.Helper()
	b, form := p.boss, "form[action='/admin/ip-rules'] button"
	b.open("/admin/ip-rules", 200)
	b.wantText("main", "127.0.0.1")
	b.fill("#prefix", "127.0.0.0/8")
	b.submit(form, 422)
	b.wantText("#prefix-problem", "you")
	b.fill("#prefix", "192.0.2.0/99")
	b.submit(form, 422)
	b.wantCount("#prefix[aria-invalid=true]", 1)
	b.fill("#prefix", "192.0.2.0/24")
	b.choose("#for", "24h")
	b.fill("#note", "they knock all night")
	b.submit(form, 200)
	b.wantText(".rows", "192.0.2.0/24")
	b.wantText(".rows", "they knock all night")
	b.checkNarrow()
	b.submit("form[action='/admin/ip-rules/delete'] button", 200)
	b.wantCount(".empty", 1)
}

// limits previews a change of a limit, saves it, and resets it.
func (p *panel) limits() {
	p.t.Helper()
	b := p.boss
	b.open("/admin/limits", 200)
	b.checkNarrow()
	b.submit("a[href='/admin/limits/search']", 200)
	b.fill("#free", "not a rate")
	b.submit("button[value=preview]", 422)
	b.wantCount("#free[aria-invalid=true]", 1)
	b.fill("#free", "77-M")
	b.submit("button[value=preview]", 200)
	b.wantText("main", "Nothing is changed yet")
	b.wantText("tbody", "77")
	b.checkNarrow()
	b.submit("button[value=save]", 200)
	b.open("/admin/limits/search", 200)
	b.wantText("#free-hint", "77")
	b.submit("button[value=defaults]", 200)
	b.open("/admin/limits/search", 200)
	if hint := b.text("#free-hint"); strings.Contains(hint, "77") {
		p.t.Errorf("back at the defaults it says %q", hint)
	}
}

// jobs finds the mails that cannot be sent, and no job that was given up.
func (p *panel) jobs() {
	p.t.Helper()
	b := p.boss
	eventually(p.t, "a mail has failed", func() bool {
		b.open("/admin/jobs", 200)
		return b.count("form[action$='/retry']") > 0
	})
	b.checkNarrow()
	b.choose("#state", "given-up")
	b.submit("form.filter button", 200)
	b.wantCount(".empty", 1)
}

// audit finds the events of the steps above.
func (p *panel) audit() {
	p.t.Helper()
	b := p.boss
	b.open("/admin/audit", 200)
	b.checkNarrow()
	b.fill("#actor", "boss")
	b.fill("#user", p.user)
	b.choose("#action", "user.suspend")
	b.submit("form.filter button", 200)
	b.wantCount("tbody tr", 1)
	b.wantText("tbody", "spam, again")
	b.choose("#outcome", "refused")
	b.submit("form.filter button", 200)
	b.wantCount(".empty", 1)
	b.fill("#actor", "nobody_there")
	b.submit("form.filter button", 422)
	b.wantCount("#actor-problem", 1)
	b.choose("#outcome", "")
	b.fill("#actor", "")
	b.choose("#action", "")
	b.submit("form.filter button", 200)
	for _, act := range []string{"user.set_tier", "user.set_quota", "user.set_role", "user.reinstate"} {
		b.wantText("tbody", act)
	}
}

package e2e_test

import (
	"net/http"
	"strings"
)

// find searches, then follows the tag and the author's name.
func (j *journey) find() {
	j.t.Helper()
	b := j.tab
	card := `.ticket h2 a[href="` + j.post + `"]`
	b.open("/", 200)
	b.fill("#site-search", j.word)
	b.submit(".site-search button", 200)
	b.wantCount(card, 1)
	b.wantCount(".ticket", 1)
	b.submit(".ticket .tags a[href='/tags/"+j.word+"']", 200)
	b.wantText("h1", j.word)
	b.wantCount(card, 1)
	b.submit(".ticket a.person", 200)
	b.wantText("h1", j.name)
	b.wantCount(card, 1)
	b.open("/search?q=nobodywrotethis", 200)
	b.wantText(".empty", "No results")
}

// undo deletes the post and restores it, with all its parts.
func (j *journey) undo() {
	j.t.Helper()
	b := j.tab
	guest := newClient(j.t, j.site)
	b.open(j.post, 200)
	file := eval[string](b, `document.querySelector('.file-rows a[href$="?download=1"]').getAttribute("href")`)
	b.do(click(".ticket.big summary"))
	b.confirm(`form[action="`+j.post+`/delete"] button`, 200)
	b.wantText(".rows", "A walk by "+j.name)
	guest.get(j.post, http.StatusNotFound)
	guest.get(file, http.StatusNotFound)
	b.submit(`form[action="`+j.post+`/restore"] button`, 200)
	b.wantText(".notice", "Post restored")
	b.wantCount(".gallery img", len(pictures))
	b.wantText("#comments-title", "1 comment")
	guest.get(file, http.StatusOK)
}

// tokens creates an API token, uses it in a program, and deletes it.
func (j *journey) tokens() {
	j.t.Helper()
	b := j.tab
	b.open("/settings/tokens", 200)
	b.fill("#name", "backup script")
	b.wantCount(`input[name="scope"]:checked`, 1)
	const shown = `document.querySelector("#scope").checkVisibility()`
	if eval[bool](b, shown) {
		j.t.Error("permissions can be ticked that the chosen access leaves out")
	}
	b.do(click(`input[name="access"][value="chosen"]`))
	if !eval[bool](b, shown) {
		j.t.Error("no permissions can be ticked")
	}
	b.submit(`form[action="/settings/tokens"] button`, 201)
	token := b.text("#secret")
	program := newClient(j.t, j.site)
	me := program.get("/api/v1/me", http.StatusOK, "Authorization", "Bearer "+token)
	if !strings.Contains(string(me.body), j.name) {
		j.t.Errorf("the token is that of %s, want %s", me.body, j.name)
	}
	b.open("/settings/tokens", 200)
	if strings.Contains(eval[string](b, `document.documentElement.outerHTML`), token) {
		j.t.Error("the token is shown a second time")
	}
	b.wantText(".rows", "backup script")
	b.confirm(`form[action$="/delete"] button`, 200)
	b.wantCount(".rows li", 0)
	program.get("/api/v1/me", http.StatusUnauthorized, "Authorization", "Bearer "+token)
}

// sessions signs in from elsewhere and ends that session from here.
func (j *journey) sessions() {
	j.t.Helper()
	b := j.tab
	elsewhere := newClient(j.t, j.site)
	elsewhere.logIn(j.name)
	elsewhere.get("/files", http.StatusOK)
	b.open("/settings/sessions", 200)
	before := b.count(".rows > li")
	if before < 2 {
		j.t.Errorf("%d sessions, want this one and at least one more", before)
	}
	b.wantCount(".rows .badge", 1)
	b.confirm(`form:has(input[name="all"]) button`, 200)
	b.wantText(".notice", "Signed out")
	b.wantCount(".rows > li", 1)
	elsewhere.get("/files", http.StatusSeeOther)
}

// changePassword changes the password, after a mistake. That ends the other sessions.
func (j *journey) changePassword() {
	j.t.Helper()
	const fresh = "another way to the harbour"
	b := j.tab
	elsewhere := newClient(j.t, j.site)
	elsewhere.logIn(j.name)
	b.open("/settings/security", 200)
	b.fill("#current_password", "not the one I have")
	b.fill("#password", fresh)
	b.submit("main form button[type=submit]", 422)
	b.wantText(".field-problem", "Incorrect")
	b.wantCount(`#current_password[aria-invalid="true"]`, 1)
	b.fill("#current_password", password)
	b.fill("#password", fresh)
	b.submit("main form button[type=submit]", 200)
	b.wantText(".notice", "Password changed")
	elsewhere.get("/files", http.StatusSeeOther)
	b.open("/files", 200)
}

// logOut signs out through the menu, and in again with the new password.
func (j *journey) logOut() {
	j.t.Helper()
	b := j.tab
	b.do(click(".menu summary"))
	b.submit(`form[action="/logout"] button`, 200)
	b.open("/files", 200)
	if got := b.path(); got != "/login" {
		j.t.Errorf("after logging out, /files leads to %s, want /login", got)
	}
	b.fill("#username", j.name)
	b.fill("#password", password)
	b.submit("main form button[type=submit]", 422)
	b.wantText("#problems", "")
	b.fill("#password", "another way to the harbour")
	b.submit("main form button[type=submit]", 200)
	if got := b.path(); got != "/files" {
		j.t.Errorf("logging in led to %s, want /files", got)
	}
}

package e2e_test

import (
	"fmt"
	"testing"
)

// A user asks for the deletion of their account, and then keeps it.
func TestLeaving(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	browser := startBrowser(t)
	scripted(t, func(t *testing.T, js bool) {
		name := fmt.Sprintf("ann_%v", js)
		newUser(t, s, name)
		b, guest := newTab(t, browser, s, js), newTab(t, browser, s, js)
		guest.open("/users/"+name, 200)
		b.logInTo("/settings/data", name)
		b.checkNarrow()
		const form = "form[action='/settings/data/delete'] button"
		b.fill("#username", "somebody")
		b.confirm(form, 422)
		b.wantCount("#username[aria-invalid=true]", 1)
		b.fill("#username", name)
		b.confirm(form, 200)
		b.wantCount(".menu-name", 0)
		b.wantText(".notice", "Your account is closed")
		guest.open("/users/"+name, 404)

		b.logInTo("/files", name)
		b.wantPath("/settings/keep")
		b.wantCount(`form[action="/settings/keep"]`, 1)
		b.checkNarrow()
		b.open("/settings/profile", 200)
		b.wantPath("/settings/keep")
		b.submit("form.claim-stub button", 200) // decline
		b.wantCount(".menu-name", 0)
		b.logInTo("/files", name)
		b.submit("form[action='/settings/keep'] button", 200)
		b.wantText(".menu-name", name)
		b.open("/files", 200)
		b.wantPath("/files")
		guest.open("/users/"+name, 200)
	})
	s.wantNoErrors()
}

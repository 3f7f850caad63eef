package page

import "strings"

// A SiteInfo is what the admin says about the site.
type SiteInfo struct {
	Name     string // empty only in samples
	Welcome  string // what guests read on the first page
	Contact  string // an email address or a URL; empty: none
	Imprint  string // a URL; empty: none
	Privacy  string // a URL; empty: none
	Terms    string // a URL; empty: none
	HomePage string // scheme and host of the site
}

// ContactURL returns what the link to the contact leads to.
func (i SiteInfo) ContactURL() string {
	if strings.Contains(i.Contact, "://") {
		return i.Contact
	}
	return "mailto:" + i.Contact
}

// A Preview is what other sites show of a link to a page (OpenGraph).
type Preview struct {
	Title       string // empty: there is no preview
	Description string
	Image       string // URL; empty: none
}

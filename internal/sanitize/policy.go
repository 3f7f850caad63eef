package sanitize

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"

	"example.org/cloakroom/internal/models"
)

// rel is set on every link: search engines give no credit, the target gets no handle on
// our window, and the link is marked as user-generated.
const rel = "nofollow noopener ugc"

// rules are a bluemonday policy and, for tidier, the permitted place of each element.
type rules struct {
	policy   *bluemonday.Policy
	elements map[string]element
	synonyms map[string]string // elements that are written as another element
	allowed  map[string]bool   // elements and synonyms
	mentions bool              // @name becomes a link to the page of that user
}

var (
	postRules = newRules("p br strong em a ul ol li code pre blockquote del sub sup kbd hr h2 h3 h4 h5 h6 table thead tbody tr th td",
		map[string]string{"b": "strong", "i": "em", "s": "del", "strike": "del", "h1": "h2"}, true)
	documentRules = withoutMentions(postRules)
	commentRules  = newRules("p br strong em a ul ol li code pre blockquote",
		map[string]string{"b": "strong", "i": "em", "h1": "p", "h2": "p", "h3": "p", "h4": "p", "h5": "p", "h6": "p"}, true)
)

func withoutMentions(r rules) rules {
	r.mentions = false
	return r
}

func newRules(names string, synonyms map[string]string, mentions bool) rules {
	p := bluemonday.NewPolicy()
	elements := map[string]element{}
	for name := range strings.FieldsSeq(names) {
		elements[name] = content[name]
	}
	allowed := slices.AppendSeq(strings.Fields(names), maps.Keys(synonyms))
	isAllowed := map[string]bool{}
	for _, name := range allowed {
		isAllowed[name] = true
	}
	p.AllowElements(allowed...)
	p.AllowNoAttrs().OnElements(allowed...)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,9}$`)).OnElements("ol")
	if _, ok := elements["td"]; ok {
		p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|center|right)$`)).OnElements("th", "td")
	}
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	return rules{policy: p, elements: elements, synonyms: synonyms, allowed: isAllowed, mentions: mentions}
}

// href returns a link's URL in canonical form, its host in ASCII, and whether the link can
// remain. It must be absolute, with the scheme http, https or mailto.
func href(s string) (string, bool) {
	if len(s) > maxHref || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return "", false
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", false
	}
	switch u.Scheme {
	case "http", "https":
		if !hasHost(u) {
			return "", false
		}
	case "mailto":
		if u.Opaque == "" || u.Host != "" {
			return "", false
		}
	default:
		return "", false
	}
	// A URL that parses differently when it is read again is not safe.
	written := u.String()
	if again, err := url.Parse(written); err != nil || again.String() != written {
		return "", false
	}
	return written, true
}

// hasHost reports whether u leads to a host, and writes that in ASCII. User information makes one
// host look like another, as some letters do.
func hasHost(u *url.URL) bool {
	return u.Hostname() != "" && u.Opaque == "" && u.User == nil && models.HostInASCII(u)
}

// maxHref is the longest URL of a link, in bytes: servers commonly accept as much.
const maxHref = 2000

package sanitize

import (
	"regexp"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// Addresses in a text become links. goldmark takes ASCII alone for a part of one, so that
// https://münchen.de is no link and https://example.org/größe ends at the ö. Chinese, Japanese,
// Thai and Korean words follow an address without a space, so that these scripts are part of
// one only where more follows: in front of the last dot of a host. href decides which links
// remain, and writes their hosts in ASCII.
const (
	spaced = `\p{Latin}\p{Greek}\p{Cyrillic}\p{Armenian}\p{Georgian}\p{Hebrew}\p{Arabic}\p{Devanagari}\p{Bengali}\p{Tamil}\p{Telugu}\p{Mn}`
	host   = `[-\p{L}\p{M}\p{Nd}@:%._\+~#=]{1,256}\.(?:xn--[-a-z0-9]+|[a-z]+|[` + spaced + `]+)`
	path   = `(?:[/#?][-a-zA-Z0-9` + spaced + `@:%_\+.~#$!?&/=\(\);,'">\^{}\[\]` + "`" + `]*)?`
)

var (
	bareURL = regexp.MustCompile(`^https?://` + host + `(?::\d+)?` + path)
	bareWWW = regexp.MustCompile(`^www\.` + host + path)
)

func bareLinks() goldmark.Extender {
	return extension.NewLinkify(extension.WithLinkifyURLRegexp(bareURL), extension.WithLinkifyWWWRegexp(bareWWW))
}

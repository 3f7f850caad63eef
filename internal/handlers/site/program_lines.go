package site

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// programLines are what a user copies to share files from a program.
type programLines struct {
	Fresh    bool   // they have the new token
	Curl     string // sends one file
	Function string // of a shell, sends several
	ShareX   string // the file of ShareX
}

// tokenPlace stands for the API token in programLines.
const tokenPlace = "YOUR_TOKEN"

// programLines returns the lines with a new token, or with tokenPlace if it is "".
func (s *Site) programLines(token string) (programLines, error) {
	lines := programLines{Fresh: token != ""}
	if token == "" {
		token = tokenPlace
	}
	send := fmt.Sprintf("-H 'Authorization: Bearer %s' %s/up/", token, s.Options.PublicURL)
	lines.Curl = "curl -T photo.jpg " + send
	lines.Function = `up() { for f in "$@"; do curl -sSgT "$f" ` + send + `; done; }`
	file, err := json.Marshal(s.shareX(token))
	lines.ShareX = string(file)
	return lines, err
}

// A shareXJSON is a custom uploader of ShareX (getsharex.com/docs/custom-uploader).
type shareXJSON struct {
	Version         string
	Name            string
	DestinationType string
	RequestMethod   string
	RequestURL      string
	Headers         map[string]string
	Body            string
	URL             string
	DeletionURL     string
	ErrorMessage    string
}

// shareX returns the uploader of this site. Its deletion URL is the page where the user
// can revoke the link.
func (s *Site) shareX(token string) shareXJSON {
	site := s.Options.PublicURL
	_, host, _ := strings.Cut(site, "://")
	return shareXJSON{
		Version: "15.0.0", Name: "Cloakroom at " + host, DestinationType: "ImageUploader, TextUploader, FileUploader",
		RequestMethod: http.MethodPut, RequestURL: site + "/up/{filename}", Body: "Binary",
		Headers: map[string]string{"Authorization": "Bearer " + token, "Accept": "application/json"},
		URL:     "{json:share.url}", DeletionURL: site + "/shares/{json:share.id}", ErrorMessage: "{json:detail}",
	}
}

// ShareXShow handles GET /settings/sharex.sxcu: the file of ShareX, in which the user
// replaces tokenPlace.
func (s *Site) ShareXShow(c echo.Context) error {
	lines, err := s.programLines("")
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="cloakroom.sxcu"`)
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, []byte(lines.ShareX))
}

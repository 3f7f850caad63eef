package site

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/shares"
)

// shareForm is what the owner entered about a share.
type shareForm struct{ models.ShareInput }

// shareFormOf returns the options of a share in a form.
func shareFormOf(get func(string) string) shareForm {
	return shareForm{models.ShareInput{
		Name: get("name"), Sender: get("sender"), Note: get("note"), Permission: get("permission"), Expires: get("expires"),
		Downloads: get("downloads"), Password: get("password"), RemovePassword: get("remove_password") != "", Users: get("users"),
		Preview: get("preview") != "",
	}}
}

// ShareFields are the fields of a new share that come back when a limit refuses it.
var ShareFields = []gate.SavedField{
	{Name: "name"}, {Name: "sender"}, {Name: "note"}, {Name: "permission"}, {Name: "expires"}, {Name: "downloads"}, {Name: "users"},
	{Name: "preview"}, {Name: "remove_password"}, {Name: "file_ids"}, {Name: "post_id"}, {Name: "file_id"},
	{Name: "password", Label: "Password", Secret: true},
}

// shareNewPage is the page "share_new": files to choose, and what the link is for. Its
// fields are file (several), file_ids (files uploaded earlier), post_id or file_id (what
// to share instead), and those of a share.
type shareNewPage struct {
	page.Frame
	Post models.PostID
	File models.FileID
	shareOptions
	Files  []models.File // uploaded, and in no post yet
	Limits page.UploadLimits
}

// shareOptions are the fields of a share in a form.
type shareOptions struct {
	Form        shareForm
	Longest     int // days of the longest life; 0: no limit
	Problems    page.Problems
	Changes     bool // the share exists
	HasPassword bool
}

// ExpiryHint says what the field for the life of a share takes.
func (o shareOptions) ExpiryHint() string {
	hint := "Days, such as 7, or hours, such as 12h."
	if o.Longest > 0 {
		hint += fmt.Sprintf(" At most %s days.", page.Number(int64(o.Longest)))
	} else {
		hint += " Enter never for a link that does not expire."
	}
	if o.Changes {
		return hint + " The time starts now. Leave it empty to keep the end as it is."
	}
	return hint + " Leave it empty for the default of this site."
}

// PasswordHint says what an empty password does.
func (o shareOptions) PasswordHint() string {
	if o.HasPassword {
		return "The link has one. Leave it empty to keep it."
	}
	return fmt.Sprintf("At least %d characters. Send it another way than the link.", models.MinSharePassword)
}

// Permissions are the choices of what visitors may do.
func (o shareOptions) Permissions() []page.Choice {
	choices := []page.Choice{
		{Value: string(models.ShareDownload), Words: "Download"},
		{Value: string(models.SharePreview), Words: "Look at images and text, but not download"},
		{Value: string(models.ShareComment), Words: "Download, and comment if they sign in"},
	}
	for i := range choices {
		choices[i].Chosen = choices[i].Value == o.Form.Permission
	}
	return choices
}

// enterAgain adds a problem at a password that was entered, as no page shows it again: a form that is sent without it makes
// a link without a password.
func enterAgain(problems page.Problems, password string) page.Problems {
	atPassword := func(p *problem.Error) bool { return p.Field == "password" }
	if password == "" || slices.ContainsFunc(problems, atPassword) {
		return problems
	}
	return append(slices.Clip(problems), problem.OnField("password", "Enter the password again."))
}

// ShareNew handles GET /share: the form for a new share.
func (s *Site) ShareNew(c echo.Context) error {
	return s.showShareNew(c, http.StatusOK, shareNewPage{
		Post: models.PostID(c.QueryParam("post")), File: models.FileID(c.QueryParam("file")),
	})
}

func (s *Site) showShareNew(c echo.Context, status int, data shareNewPage) error {
	data.Frame, data.Limits, data.Longest = s.Frame(c, "Share files"), s.UploadLimits(c), s.longestShare(c)
	return s.Show(c, status, "share_new", data)
}

// longestShare returns the longest life of the visitor's shares in days; 0: no limit.
func (s *Site) longestShare(c echo.Context) int {
	const day = 24
	return int(s.Shares.LongestOf(gate.Visitor(c)).Hours()) / day
}

// shareMadeJSON tells a script about a new share.
type shareMadeJSON struct {
	URL  string `json:"url"`  // of the share
	Page string `json:"page"` // path of the owner's page about it
}

// ShareCreate handles POST /shares: a share of a post, of a file, or of new files, which
// it puts into a private post.
func (s *Site) ShareCreate(c echo.Context) error {
	form, err := s.ReadForm(c)
	if form.Fields == nil { // the body is no form
		return err
	}
	in, of, ids := shareFormOf(form.Get), targetIn(form), fileIDsIn(form, "file_ids")
	for _, f := range form.Files {
		ids = append(ids, f.ID)
	}
	if problem.All(err) != nil && len(form.Errs) > 0 { // the options follow the files
		err = problem.OnField("password", "Enter the options again, and the password if there was one. They follow the file, and were not read.")
	}
	// A form with a wrong option makes no post.
	err = errors.Join(errors.Join(form.Errs...), err, s.Shares.Check(c.Request().Context(), gate.Visitor(c), in.ShareInput))
	var made models.ShareView
	if err == nil {
		made, err = s.share(c, of, ids, in)
	}
	if err != nil {
		return s.showShareAgain(c, err, of, ids, in)
	}
	to := "/shares/" + string(made.ID)
	if gate.WantsJSON(c) {
		return c.JSON(http.StatusCreated, shareMadeJSON{URL: made.Link, Page: to})
	}
	return s.Tell(c, to, "shared")
}

// targetIn returns the post or the file that a form shares, or the zero Target.
func targetIn(form transfer.Form) shares.Target {
	of := shares.Target{Post: models.PostID(form.Get("post_id")), File: models.FileID(form.Get("file_id"))}
	if of.Post != "" && !models.IsID(string(of.Post)) || of.File != "" && !models.IsID(string(of.File)) {
		of = shares.Target{File: missingFile}
	}
	return of
}

// share makes the share of a target, or of a new private post with the files.
func (s *Site) share(c echo.Context, of shares.Target, ids []models.FileID, in shareForm) (models.ShareView, error) {
	ctx := c.Request().Context()
	if of != (shares.Target{}) {
		return s.Shares.Create(ctx, gate.Actor(c), of, in.ShareInput)
	}
	if len(ids) == 0 {
		return models.ShareView{}, problem.OnField("file", "Choose at least one file.")
	}
	return s.Shares.CreateOfFiles(ctx, gate.Actor(c), ids, in.ShareInput)
}

// showShareAgain shows a form that err refused, filled in as sent.
func (s *Site) showShareAgain(c echo.Context, err error, of shares.Target, ids []models.FileID, in shareForm) error {
	gate.Drain(c)
	if gate.WantsJSON(c) {
		return err
	}
	return s.ShowForm(err, func(status int, problems page.Problems) error {
		received, err := s.Files.Mine(c.Request().Context(), gate.Visitor(c), ids)
		if err != nil {
			return err
		}
		return s.showShareNew(c, status, shareNewPage{
			Post: of.Post, File: of.File, Files: received, shareOptions: shareOptions{Form: in, Problems: enterAgain(problems, in.Password)},
		})
	})
}

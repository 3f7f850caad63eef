package handlers

import (
	"html/template"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
)

// contentTitles are what the lists of the panel are called.
var contentTitles = map[models.SubjectKind]string{
	models.SubjectPost: "Posts", models.SubjectComment: "Comments", models.SubjectFile: "Files",
}

// contentForm says which posts, comments or files are wanted.
type contentForm struct {
	User  string // the username of their owner
	State string
	Q     string // words of a post
}

// adminContentPage is the page "admin_content". Its form is sent by GET and has
// the fields user, state and, for posts, q.
type adminContentPage struct {
	page
	Kind     models.SubjectKind
	Form     contentForm
	Items    []models.SubjectView
	More     string // address of the next stretch of the list; empty: its end
	Problems Problems
}

// States is what can be chosen.
func (p adminContentPage) States() []models.ContentState { return models.ContentStates(p.Kind) }

// adminSubjectPage is the page "admin_subject". Its fields are why, for what is
// done to the subject, and reason, for breaking the glass.
type adminSubjectPage struct {
	page
	Seen     moderation.Sight
	List     string        // where more of its kind are listed
	HTML     template.HTML // its words, from package sanitize
	Address  string        // where it is seen
	Who      models.Audience
	WhyNot   string // who may open it not more; may be empty
	Events   []models.AuditView
	Why      string
	Reason   string
	Problems Problems
}

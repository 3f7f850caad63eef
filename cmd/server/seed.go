package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/shares"
)

// demoPassword is the password of every demo user. It is printed: a site with
// demo content is for looking around, and listens on loopback unless told.
const demoPassword = "cloakroom for a look round"

// A demoPost is a post that seed writes.
type demoPost struct {
	author     string
	title      string
	content    string // FILES is the number of files that a post can have
	tags       string
	visibility models.Visibility
	pictures   []string // names; each image is drawn from its name
	texts      map[string]string
	comments   map[string]string // by username
	links      []models.ShareInput
}

var demoPosts = []demoPost{
	{
		author: "mara", title: "Welcome to the cloakroom", tags: "welcome howto", visibility: models.Public,
		content: "Leave your files here and hand out **tickets** for them.\n\n" +
			"- Write a post and attach up to FILES files.\n- Choose who can see it: everyone, anyone with the link, or only you.\n" +
			"- Location and camera data are removed from photos before others see them.\n\n" +
			"> Nothing is lost: you can restore a deleted post within seven days.",
		texts:    map[string]string{"house-rules.txt": "1. Be kind.\n2. Leave no file behind.\n"},
		comments: map[string]string{"jonas": "Thanks, this was **quick** to set up.", "ines": "Where do I find my tickets?"},
	},
	{
		author: "ines", title: "Dunes at first light", tags: "photos coast", visibility: models.Public,
		content:  "Three from this morning. The wind was stronger than it looks.",
		pictures: []string{"dunes.jpg", "tide.jpg", "grass.png"},
		links:    []models.ShareInput{{Name: "dunes", Permission: string(models.ShareComment)}, {Password: demoPassword}},
		comments: map[string]string{"mara": "The second one, please, for the hall!"},
	},
	{
		author: "jonas", title: "Minutes of the November meeting", tags: "minutes", visibility: models.Public,
		content: "The minutes are attached as text. In short:\n\n" +
			"1. The roof waits until spring.\n2. Ines takes over the archive.\n3. Next meeting: *first Tuesday*.\n\n" +
			"```\nbudget 2027: 1240\nspent so far:  380\n```",
		links: []models.ShareInput{
			{Name: "minutes-november", Note: "The minutes of last Tuesday, as promised.", Sender: "Jonas", Downloads: "10", Preview: true},
			{Name: "for-the-board", Users: "mara ines", Permission: string(models.ShareComment)},
		},
		texts: map[string]string{
			"minutes-november.md": "# Minutes\n\nPresent: Mara, Jonas, Ines.\n", "budget.csv": "item,amount\nroof,860\narchive,380\n",
		},
	},
	{
		author: "ines", title: "Posters for the open day", tags: "posters photos", visibility: models.Public,
		content: "Two drafts. Tell me which.", pictures: []string{"poster-a.png", "poster-b.png"},
		comments: map[string]string{"jonas": "B, without a doubt.", "mara": "A has the better colours."},
	},
	{
		author: "mara", title: "Keys and codes", tags: "", visibility: models.Private,
		content: "Only I can see this one.", texts: map[string]string{"codes.txt": "not here, of course\n"},
	},
}

// seed fills an empty site with demo content, through the services, so that it
// is checked like any other. If the demo users exist already, it writes nothing. Either
// way it prints who they are and how to become an admin, which replaces an older link.
func seed(ctx context.Context, c call) error {
	return c.withApp(ctx, func(a *app) error {
		made, err := a.seed(ctx)
		if err != nil {
			return err
		}
		if !made {
			_ = c.say("There is demo content already.")
		}
		_ = c.say("\nDemo users mara, jonas and ines, each with the password %q.", demoPassword)
		var link bytes.Buffer
		if err := c.inviteAdmin(ctx, a, &link); err != nil {
			return err
		}
		if link.Len() == 0 {
			return c.say("The demo is at %s", c.cfg.PublicURL.String())
		}
		_, err = link.WriteTo(c.out) // the one address to open
		return err
	})
}

// seed reports whether it wrote the demo content.
func (a *app) seed(ctx context.Context) (bool, error) {
	users := map[string]models.User{}
	for _, name := range []string{"mara", "jonas", "ines"} {
		in := accounts.RegistrationInput{Username: name, Email: name + "@example.org", Password: demoPassword}
		user, _, err := a.accounts.Register(ctx, in, models.Client{UserAgent: "seed"})
		if problem.KindOf(err) == problem.Conflict {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("registering %s: %w", name, err)
		}
		users[name] = user
	}
	for _, post := range demoPosts {
		if err := a.seedPost(ctx, users, post); err != nil {
			return false, fmt.Errorf("writing %q: %w", post.title, err)
		}
	}
	if err := a.seedRequest(ctx, users["ines"]); err != nil {
		return false, fmt.Errorf("requesting files: %w", err)
	}
	return true, nil
}

func (a *app) seedPost(ctx context.Context, users map[string]models.User, post demoPost) error {
	author := users[post.author]
	content := strings.ReplaceAll(post.content, "FILES", problem.Number(a.posts.MaxFilesOf(author)).String())
	draft := posts.Draft{Title: post.title, Content: content, Tags: post.tags, Visibility: string(post.visibility)}
	attach := func(name string, body io.Reader) error {
		f, err := a.files.Receive(ctx, author, files.Input{Name: name, Size: -1, Body: body})
		draft.Files = append(draft.Files, f.ID)
		return err
	}
	for _, name := range post.pictures {
		picture, err := draw(name)
		if err != nil {
			return err
		}
		if err := attach(name, bytes.NewReader(picture)); err != nil {
			return err
		}
	}
	for name, text := range post.texts {
		if err := attach(name, bytes.NewReader([]byte(text))); err != nil {
			return err
		}
	}
	id, err := a.posts.Create(ctx, author, draft)
	if err != nil {
		return err
	}
	for name, body := range post.comments {
		if _, err := a.posts.AddComment(ctx, users[name], id, body, ""); err != nil {
			return err
		}
	}
	for _, link := range post.links {
		by := models.Actor{User: author, Client: models.Client{UserAgent: "seed"}}
		if _, err := a.shares.Create(ctx, by, shares.Target{Post: id}, link); err != nil {
			return err
		}
	}
	return nil
}

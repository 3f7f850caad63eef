package database_test

import (
	"slices"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func newComment(post models.Post, author models.User, at time.Time) *models.Comment {
	return &models.Comment{ID: models.NewCommentID(), PostID: post.ID, AuthorID: author.ID, Body: "Well *said*.", CreatedAt: at}
}

func wantCount(t *testing.T, db *database.DB, post models.Post, want int) {
	t.Helper()
	got, err := db.PostOf(t.Context(), post.AuthorID, post.ID)
	must(t, err)
	wantEqual(t, "comments counted", got.CommentCount, want)
}

func TestComment_RoundTrip(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob, eve := newUser(t, db, "ann"), newUser(t, db, "bob"), newUser(t, db, "eve")
		p := newPost(t, db, ann, noon, models.Public)
		byBob, byEve := newComment(p, bob, noon), newComment(p, eve, noon)
		must(t, db.CreateComment(t.Context(), byBob))
		must(t, db.CreateComment(t.Context(), byEve))
		wantCount(t, db, p, 2)
		got, err := db.CommentByID(t.Context(), "", byBob.ID)
		must(t, err)
		wantEqual(t, "CommentByID", got, models.CommentView{Comment: *byBob, Author: shown(bob)})

		wantKind(t, "neither's", db.DeleteComment(t.Context(), eve.ID, byBob.ID, noon), problem.NotFound)
		wantKind(t, "a guest", db.DeleteComment(t.Context(), "", byBob.ID, noon), problem.NotFound)
		wantCount(t, db, p, 2)
		must(t, db.DeleteComment(t.Context(), bob.ID, byBob.ID, noon))
		wantKind(t, "deleting it twice", db.DeleteComment(t.Context(), bob.ID, byBob.ID, noon), problem.NotFound)
		must(t, db.DeleteComment(t.Context(), ann.ID, byEve.ID, noon)) // the post is hers
		wantCount(t, db, p, 0)
		_, err = db.CommentByID(t.Context(), ann.ID, byEve.ID)
		wantKind(t, "what is deleted", err, problem.NotFound)
	})
}

func TestComment_FollowsItsPost(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		private, unlisted := newPost(t, db, ann, noon, models.Private), newPost(t, db, ann, noon, models.Unlisted)
		deleted := newPost(t, db, ann, noon, models.Public)
		late := newComment(deleted, bob, noon)
		must(t, db.CreateComment(t.Context(), late))
		must(t, db.DeletePost(t.Context(), ann.ID, deleted.ID, noon))
		must(t, db.CreateComment(t.Context(), newComment(unlisted, bob, noon)))
		own := newComment(private, ann, noon)
		must(t, db.CreateComment(t.Context(), own))
		wantKind(t, "on another's private post", db.CreateComment(t.Context(), newComment(private, bob, noon)), problem.NotFound)
		wantKind(t, "on a deleted post", db.CreateComment(t.Context(), newComment(deleted, ann, noon)), problem.NotFound)
		wantKind(t, "on no post", db.CreateComment(t.Context(), newComment(models.Post{ID: "NOPOST"}, ann, noon)), problem.NotFound)
		wantCount(t, db, private, 1)
		_, err := db.CommentByID(t.Context(), ann.ID, own.ID)
		must(t, err)
		_, err = db.CommentByID(t.Context(), bob.ID, own.ID)
		wantKind(t, "a comment on a private post", err, problem.NotFound)
		_, err = db.CommentByID(t.Context(), bob.ID, late.ID)
		wantKind(t, "a comment on a deleted post", err, problem.NotFound)
	})
}

func TestComments_AreCountedWhenManyWrite(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		p := newPost(t, db, ann, noon, models.Public)
		const n = 24
		comments := make([]*models.Comment, n)
		race(t, n, func(i int) bool {
			comments[i] = newComment(p, ann, noon)
			if err := db.CreateComment(t.Context(), comments[i]); err != nil {
				t.Error(err)
			}
			return true
		})
		wantCount(t, db, p, n)
		// Each is deleted by two at once.
		wins := race(t, 2*n, func(i int) bool { return db.DeleteComment(t.Context(), ann.ID, comments[i/2].ID, noon) == nil })
		wantEqual(t, "comments deleted", wins, n)
		wantCount(t, db, p, 0)
	})
}

func TestCommentsOf_OldestFirst(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := newUser(t, db, "ann")
		p, other := newPost(t, db, ann, noon, models.Public), newPost(t, db, ann, noon, models.Public)
		must(t, db.CreateComment(t.Context(), newComment(other, ann, noon)))
		var want []models.CommentID
		for moment := range 3 {
			var ids []models.CommentID
			for range 5 {
				c := newComment(p, ann, noon.Add(time.Duration(moment)*time.Millisecond))
				must(t, db.CreateComment(t.Context(), c))
				ids = append(ids, c.ID)
			}
			slices.Sort(ids)
			want = append(want, ids...)
		}
		for _, limit := range []int{1, 4, 15, 100} {
			var got []models.CommentID
			for after := (models.Cursor{}); ; {
				page, err := db.CommentsOf(t.Context(), "", p.ID, after, limit)
				must(t, err)
				for _, v := range page.Items {
					got = append(got, v.ID)
					wantEqual(t, "author", v.Author, shown(ann))
				}
				if after = page.Next; after.IsZero() {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("in pages of %d:\n got %v\nwant %v", limit, got, want)
			}
		}
	})
}

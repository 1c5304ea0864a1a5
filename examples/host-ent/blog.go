package main

import (
	"net/http"

	"github.com/torii-go/torii/auth"
	"github.com/torii-go/torii/examples/host-ent/ent"
	"github.com/torii-go/torii/examples/host-ent/ent/post"
)

type blogBody struct {
	Author *authorBody `json:"author"` // null as long as there are no posts
	Posts  []postBody  `json:"posts"`
}

type authorBody struct {
	ID     string `json:"id"`
	Plan   string `json:"plan"`
	Locale string `json:"locale"`
	Team   string `json:"team"`
}

type postBody struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

// blog shows the posts of who is signed in, and their author. The queries name nobody:
// the policies of Post and User see who asks.
func (a *app) blog(r *http.Request) (int, any, error) {
	ctx := r.Context()
	posts, err := a.client.Post.Query().Order(post.ByID()).All(ctx)
	if err != nil {
		return 0, nil, err
	}
	body := blogBody{Posts: []postBody{}}
	for _, p := range posts {
		body.Posts = append(body.Posts, newPostBody(p))
	}
	author, err := a.client.Post.Query().QueryAuthor().WithTeam().Only(ctx)
	switch {
	case ent.IsNotFound(err): // no posts yet
	case err != nil:
		return 0, nil, err
	default:
		body.Author = &authorBody{ID: author.ID, Plan: string(author.Plan), Locale: author.Locale}
		if author.Edges.Team != nil {
			body.Author.Team = author.Edges.Team.Name
		}
	}
	return http.StatusOK, body, nil
}

func (a *app) addPost(r *http.Request) (int, any, error) {
	var body struct {
		Title string `json:"title"`
		Body  string `json:"body"`
	}
	if err := decode(r, &body); err != nil {
		return 0, nil, err
	}
	u, _ := auth.UserFrom(r.Context())
	p, err := a.client.Post.Create().SetTitle(body.Title).SetBody(body.Body).SetAuthorID(u.ID).Save(r.Context())
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, newPostBody(p), nil
}

func newPostBody(p *ent.Post) postBody { return postBody{p.ID, p.Title, p.Body} }

package handlers

import (
	"github.com/gin-gonic/gin"

	"sarangbang/db"
	"sarangbang/views"
)

func (s *server) listTokens(c *gin.Context) error {
	secret, err := s.takeFlash(c, flashSecret)
	if err != nil {
		return err
	}
	a, err := s.tokensPage(c, views.TokensPage{Secret: secret})
	if err != nil {
		return err
	}
	return s.respond(c, a)
}

func (s *server) tokensPage(c *gin.Context, p views.TokensPage) (answer, error) {
	tokens, err := s.store.Tokens(c.Request.Context(), viewer(c))
	if err != nil {
		return answer{}, err
	}
	return answer{
		json: func() any { return tokensJSON(tokens) },
		page: func() (v view, err error) {
			p.Page, err = s.page(c, s.text(c, "tokens.title"))
			s.fillTokens(c, &p, tokens)
			return view{"tokens/index", p}, err
		},
	}, nil
}

// fillTokens completes the page of tokens. Its example of curl has p.Secret, where there is one.
func (s *server) fillTokens(c *gin.Context, p *views.TokensPage, tokens []*db.Token) {
	secret := p.Secret
	if secret == "" {
		secret = "TOKEN"
	}
	p.Curl = "curl -H 'Authorization: Bearer " + secret + "' " + s.origin(c) + "/rooms"
	l, now := s.locale(c), s.now()
	for _, t := range tokens {
		item := views.TokenItem{ID: t.ID, Title: t.Title, Created: views.At(l, t.CreatedAt, now)}
		if t.LastUsedAt != nil {
			item.LastUsed = views.At(l, *t.LastUsedAt, now)
		}
		p.Tokens = append(p.Tokens, item)
	}
}

func (s *server) createToken(c *gin.Context) error {
	if err := bySession(c); err != nil {
		return err
	}
	form := readForm(c)
	title := form.label("title", 0, maxTitle)
	if err := form.err(); err != nil {
		return withForm(err, func(e views.Errors) (answer, error) {
			return s.tokensPage(c, views.TokensPage{NewTitle: form.redisplay("title"), Errors: e})
		})
	}
	if err := s.limit(c, limitCreations); err != nil {
		return err
	}
	token, secret, err := s.store.CreateToken(c.Request.Context(), viewer(c), title)
	if err != nil {
		return err
	}
	// The next page shows the secret from the encrypted cookie, so that reloading it makes no other
	// token.
	if err := s.flash(c, flashSecret, secret); err != nil {
		return err
	}
	keepPlain(c)
	return s.respondSaved(c, saved{to: "/tokens", created: true, json: tokenJSON(token, secret)})
}

func (s *server) deleteToken(c *gin.Context) error {
	id, err := pathNumber(c, "id")
	if err != nil {
		return err
	}
	if err := s.store.DeleteToken(c.Request.Context(), viewer(c), id); err != nil {
		return err
	}
	return s.respondSaved(c, saved{to: "/tokens"})
}

package auth

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The parts of an OpenAPI 3.1 document that are used here.
type (
	apiDocument struct {
		OpenAPI string                             `json:"openapi"`
		Info    apiInfo                            `json:"info"`
		Servers []apiServer                        `json:"servers"`
		Paths   map[string]map[string]apiOperation `json:"paths"`
		Parts   apiComponents                      `json:"components"`
	}
	apiInfo struct {
		Title   string `json:"title"`
		Version string `json:"version"`
	}
	apiServer struct {
		URL string `json:"url"`
	}
	apiComponents struct {
		Schemas         map[string]apiSchema `json:"schemas"`
		SecuritySchemes map[string]any       `json:"securitySchemes"`
	}
	apiOperation struct {
		Summary     string                `json:"summary"`
		Parameters  []any                 `json:"parameters,omitempty"`
		RequestBody any                   `json:"requestBody,omitempty"`
		Responses   map[string]apiReply   `json:"responses"`
		Security    []map[string][]string `json:"security,omitempty"`
		// CrossSite tells Exercise, and whoever guards the host's edge.
		CrossSite bool `json:"x-cross-site,omitempty"`
	}
	apiReply struct {
		Description string         `json:"description"`
		Content     map[string]any `json:"content,omitempty"`
	}
	apiSchema map[string]any
)

// Every route can refuse with these; those that read a body or need a session with more.
var (
	alwaysPossible = []*Error{ErrForbiddenOrigin, errInternal}
	withBody       = []*Error{ErrInvalidRequest, ErrBodyTooLarge, ErrUnsupportedMediaType}
)

var wildcard = regexp.MustCompile(`\{([a-z_]+)\}`)

// describe writes the document of all routes. It is made from the routes themselves, so
// that it cannot promise one that is not there.
func describe(cfg Config, routes []Route) ([]byte, error) {
	doc := apiDocument{
		OpenAPI: "3.1.0",
		Info:    apiInfo{Title: cfg.AppName + " authentication", Version: "1"},
		Servers: []apiServer{{URL: cfg.BaseURL + cfg.Path}},
		Paths:   map[string]map[string]apiOperation{},
		Parts: apiComponents{
			Schemas: map[string]apiSchema{"error": describer{}.schema(reflect.TypeFor[errorBody]())},
			SecuritySchemes: map[string]any{
				"cookie": map[string]string{"type": "apiKey", "in": "cookie", "name": cfg.Sessions.CookieName},
				"bearer": map[string]string{"type": "http", "scheme": "bearer"},
			},
		},
	}
	d := describer{}
	if cfg.Host != nil {
		d.host = cfg.Host.Fields()
	}
	for _, route := range routes {
		if doc.Paths[route.Path] == nil {
			doc.Paths[route.Path] = map[string]apiOperation{}
		}
		doc.Paths[route.Path][strings.ToLower(route.Method)] = d.route(route)
	}
	return json.MarshalIndent(doc, "", "  ")
}

// describer knows what the host adds.
type describer struct{ host []HostField }

func (d describer) route(route Route) apiOperation {
	op := apiOperation{Summary: route.Doc.Summary, CrossSite: route.CrossSite, Responses: map[string]apiReply{}}
	for _, m := range wildcard.FindAllStringSubmatch(route.Path, -1) {
		op.Parameters = append(op.Parameters, map[string]any{
			"name": m[1], "in": "path", "required": true, "schema": apiSchema{"type": "string"},
		})
	}
	success := apiReply{Description: http.StatusText(route.Doc.Status)}
	if route.Doc.Reply != nil {
		success.Content = jsonContent(d.schema(reflect.TypeOf(route.Doc.Reply)))
	}
	op.Responses[strconv.Itoa(route.Doc.Status)] = success
	if route.Doc.Page {
		op.Responses[strconv.Itoa(http.StatusSeeOther)] = apiReply{Description: "To the application's own page"}
	}
	if route.Doc.Waits {
		op.Responses[strconv.Itoa(http.StatusAccepted)] = apiReply{
			Description: "A mail has to be answered first", Content: jsonContent(d.schema(reflect.TypeFor[MailedReply]())),
		}
	}
	refusals := append([]*Error(nil), alwaysPossible...)
	if route.Doc.Body != nil {
		body := d.schema(reflect.TypeOf(route.Doc.Body))
		d.add(body, func(f HostField) bool { return route.Doc.SignUp && f.SignUp || route.Doc.edit && f.Edit })
		content := jsonContent(body)
		if route.Form {
			content[formType] = content["application/json"]
			op.Responses[strconv.Itoa(http.StatusSeeOther)] = apiReply{Description: "The answer to a form: where to go on"}
		}
		op.RequestBody = map[string]any{"required": true, "content": content}
	}
	if !isSafe(route.Method) {
		refusals = append(refusals, withBody...)
	}
	if route.Access == SignedIn || route.Access == Recent {
		op.Security = []map[string][]string{{"cookie": {}}, {"bearer": {}}}
		refusals = append(refusals, ErrUnauthenticated)
	}
	if route.Access == Recent {
		refusals = append(refusals, ErrStepUpRequired)
	}
	codes := map[int][]string{}
	for _, e := range append(refusals, route.Doc.Errors...) {
		codes[e.Status] = append(codes[e.Status], e.Code)
	}
	for status, list := range codes {
		op.Responses[strconv.Itoa(status)] = apiReply{
			Description: strings.Join(list, ", "),
			Content:     jsonContent(apiSchema{"$ref": "#/components/schemas/error"}),
		}
	}
	return op
}

func jsonContent(s apiSchema) map[string]any {
	return map[string]any{"application/json": map[string]any{"schema": s}}
}

// schema describes how encoding/json writes a type. Members without omitempty are
// required in replies; in bodies nothing is, since what is missing gets its own answer.
func (d describer) schema(t reflect.Type) apiSchema {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return apiSchema{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[patchString]():
		return apiSchema{"type": []string{"string", "null"}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		s := d.schema(t.Elem())
		if name, ok := s["type"].(string); ok {
			s["type"] = []string{name, "null"}
		}
		return s
	case reflect.String:
		return apiSchema{"type": "string"}
	case reflect.Bool:
		return apiSchema{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return apiSchema{"type": "integer"}
	case reflect.Slice:
		return apiSchema{"type": "array", "items": d.schema(t.Elem())}
	case reflect.Map:
		return apiSchema{"type": "object", "additionalProperties": d.schema(t.Elem())}
	case reflect.Struct:
		return d.object(t)
	}
	return apiSchema{}
}

func (d describer) object(t reflect.Type) apiSchema {
	properties := map[string]apiSchema{}
	required := []string{}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		properties[name] = d.schema(f.Type)
		if !strings.Contains(options, "omitempty") && f.Type.Kind() != reflect.Pointer {
			required = append(required, name)
		}
	}
	s := apiSchema{"type": "object", "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	if t == reflect.TypeFor[userBody]() {
		d.add(s, func(f HostField) bool { return f.Show })
	}
	return s
}

// add puts those of the host's fields that are wanted into the schema of an object.
func (d describer) add(object apiSchema, wanted func(HostField) bool) {
	kinds := map[string]apiSchema{
		"string": {"type": "string"}, "integer": {"type": "integer"}, "number": {"type": "number"},
		"boolean": {"type": "boolean"}, "time": {"type": "string", "format": "date-time"},
	}
	properties, ok := object["properties"].(map[string]apiSchema)
	for _, f := range d.host {
		if !ok || !wanted(f) || kinds[f.Kind] == nil {
			continue
		}
		s := maps.Clone(kinds[f.Kind])
		if f.Nullable {
			s["type"] = []any{s["type"], "null"}
		}
		if f.Values != nil {
			s["enum"] = f.Values
		}
		properties[f.Name] = s
	}
}

func (a *Auth) documentRoute() Route {
	return Route{Method: http.MethodGet, Path: "/openapi.json", Handle: func(c *Call) error {
		h := c.w.Header()
		h.Set("Cache-Control", "public, max-age=300")
		h.Set("Content-Type", "application/json; charset=utf-8")
		c.answered = true
		_, err := c.w.Write(a.document)
		return err
	}, Doc: Doc{Summary: "This document", Status: http.StatusOK}}
}

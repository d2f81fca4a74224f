package handlers

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"sarangbang/db"
	"sarangbang/handlers/webtest"
	"sarangbang/internal/photo/phototest"
)

// sentFile is a file of a form.
type sentFile struct{ name, content string }

// sendFiles posts a multipart form with files.
func sendFiles(p *webtest.Person, path string, fields webtest.Form, all ...sentFile) *webtest.Answer {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range fields {
		w.WriteField(name, value)
	}
	for _, f := range all {
		part, err := w.CreateFormFile("files", f.name)
		if err == nil {
			_, err = io.WriteString(part, f.content)
		}
		if err != nil {
			panic(err)
		}
	}
	w.Close()
	return p.Do(http.MethodPost, path, &b, w.FormDataContentType())
}

// messageFiles are the files of a message as programs read them.
type messageFiles struct {
	Position int64
	Body     string
	Files    []fileShape
}

func TestFiles_AreSentWithTheirMessage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindPrivate, minsu)
		picture := string(phototest.JPEG(t, phototest.Quarters(2000, 1000, phototest.Red, phototest.Blue)))
		var m messageFiles
		sendFiles(jimin.AsProgram(), room+"/messages", webtest.Form{"body": "여기요"},
			sentFile{"바다.jpg", picture}, sentFile{"a.txt", "안녕"}, sentFile{"a.zip", "PK\x03\x04\x14\x00"}).Wants(http.StatusCreated).JSON(&m)
		if len(m.Files) != 3 || m.Files[0].Name != "바다.jpg" || m.Files[0].Width != 2000 || m.Files[0].SmallURL != m.Files[0].URL+"?size=small" {
			t.Fatalf("the files are %+v", m.Files)
		}

		page := minsu.Get(room).Wants(http.StatusOK)
		page.Shows(".files .beginning", "안녕").Shows(".files .download .name", "a.txt").Shows(".files .size", "6 B")
		if got := page.Find(".picture img"); got.AttrOr("width", "") != "320" || got.AttrOr("height", "") != "160" || got.AttrOr("src", "") != m.Files[0].SmallURL {
			t.Errorf("the picture is %v", got.Nodes)
		}

		small := minsu.Get(m.Files[0].SmallURL).Wants(http.StatusOK)
		wantHeaders(t, small, map[string]string{
			"Content-Type": "image/jpeg", "Cache-Control": versionedLife, "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
			"Content-Disposition": "inline; filename*=utf-8''%EB%B0%94%EB%8B%A4.jpg",
		})
		if policy := small.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox") || strings.Contains(policy, "script-src") {
			t.Errorf("the policy is %q", policy)
		}
		if text := minsu.Get(m.Files[1].URL).Wants(http.StatusOK); text.Body != "안녕" || text.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("the text is %q, %v", text.Body, text.Header)
		}
		wantHeaders(t, minsu.Get(m.Files[2].URL).Wants(http.StatusOK), map[string]string{
			"Content-Type": "application/zip", "Content-Disposition": "attachment; filename=a.zip",
		})
		wantHeaders(t, minsu.Get(m.Files[1].URL+"?download=1"), map[string]string{"Content-Disposition": "attachment; filename=a.txt"})
	})
}

func wantHeaders(t *testing.T, a *webtest.Answer, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got := a.Header.Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

func TestFiles_AreUploadedAheadOfTheirMessage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu := s.first(), s.signUp("minsu")
		room := s.room(jimin, "마당", db.KindPrivate, minsu)
		var a, b fileShape
		sendFiles(jimin.AsProgram(), room+"/files", nil, sentFile{"a.txt", "A"}).Wants(http.StatusCreated).JSON(&a)
		sendFiles(jimin.AsProgram(), room+"/files", nil, sentFile{"b.txt", "B"}).Wants(http.StatusCreated).JSON(&b)
		jimin.Get(a.URL).Wants(http.StatusOK)
		minsu.Get(a.URL).Wants(http.StatusNotFound)
		var m messageFiles
		jimin.AsProgram().PostJSON(room+"/messages", map[string]any{"files": []any{b.ID, a.ID}}).Wants(http.StatusCreated).JSON(&m)
		if m.Body != "" || len(m.Files) != 2 || m.Files[0].Name != "b.txt" {
			t.Errorf("posted %+v", m)
		}
		minsu.Get(a.URL).Wants(http.StatusOK)
		var again struct {
			Error struct{ Fields map[string]string }
		}
		jimin.AsProgram().PostJSON(room+"/messages", map[string]any{"files": a.ID}).Wants(http.StatusUnprocessableEntity).JSON(&again)
		if again.Error.Fields["files"] == "" {
			t.Errorf("sent again: %+v", again)
		}
		sendFiles(jimin.AsProgram(), room+"/files", nil, sentFile{"c.txt", "C"}).Wants(http.StatusCreated).JSON(&a)
		minsu.AsProgram().Post("/files/"+a.ID.String()+"/delete", nil).Wants(http.StatusNotFound)
		jimin.Get(a.URL).Wants(http.StatusOK) // it is not minsu's
		jimin.AsProgram().Post("/files/"+a.ID.String()+"/delete", nil).Wants(http.StatusNoContent)
		jimin.Get(a.URL).Wants(http.StatusNotFound)
	})
}

func TestFiles_AreForThoseWhoMayReadTheMessage(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin, minsu, yuna := s.first(), s.signUp("minsu"), s.signUp("yuna")
		room := s.room(jimin, "마당", db.KindPrivate, minsu)
		var m messageFiles
		sendFiles(minsu.AsProgram(), room+"/messages", nil, sentFile{"a.txt", "A"}).Wants(http.StatusCreated).JSON(&m)
		file := m.Files[0].URL
		yuna.Get(file).Wants(http.StatusNotFound)
		webtest.Visitor(t, s.url).AsProgram().Get(file).Wants(http.StatusUnauthorized)
		jimin.Get("/files/" + strings.Repeat("0", 36) + "/a.txt").Wants(http.StatusNotFound)
		sendFiles(yuna.AsProgram(), room+"/messages", nil, sentFile{"a.txt", "A"}).Wants(http.StatusNotFound)
		sendFiles(yuna.AsProgram(), room+"/files", nil, sentFile{"a.txt", "A"}).Wants(http.StatusNotFound)

		jimin.Get(file).Wants(http.StatusOK)
		jimin.Post(fmt.Sprint(room, "/members/", s.user(minsu).ID, "/delete"), nil).Wants(http.StatusSeeOther)
		minsu.Get(file).Wants(http.StatusNotFound) // its own, in a room that was lost
		jimin.Post(fmt.Sprint(room, "/messages/", m.Position, "/delete"), nil).Wants(http.StatusSeeOther)
		jimin.Get(file).Wants(http.StatusNotFound)
	})
}

func TestFiles_OfAFormThatIsRefusedWaitInIt(t *testing.T) {
	eachServer(t, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindPrivate)
		long := strings.Repeat("가", maxMessage+1)
		page := sendFiles(jimin, room+"/messages", webtest.Form{"body": long}, sentFile{"a.txt", "A"}, sentFile{"", ""}).Wants(http.StatusUnprocessableEntity)
		id, checked := page.Shows("#composer .tray", "a.txt").Find("#composer .tray input").Attr("value")
		if !checked {
			t.Fatal("the file is not in the form")
		}
		jimin.Post(room+"/messages", webtest.Form{"body": "짧게", "files": id}).Wants(http.StatusSeeOther)
		jimin.Get(room).Shows(".files .name", "a.txt")
		sendFiles(jimin, room+"/messages", nil, sentFile{"", ""}).Wants(http.StatusUnprocessableEntity) // nothing at all
		sendFiles(jimin, room+"/messages", webtest.Form{"body": "글만"}, sentFile{"", ""}).Wants(http.StatusSeeOther)
		jimin.Get(room).Shows(".message .body", "글만")
	})
}

func TestFiles_AreBounded(t *testing.T) {
	eachServerWith(t, Options{MaxFile: 1000, MaxStorage: 2500}, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindPrivate)
		refused := func(status int, all ...sentFile) string {
			t.Helper()
			a := sendFiles(jimin.AsProgram(), room+"/messages", webtest.Form{"body": "글"}, all...).Wants(status)
			return a.Body
		}
		refused(http.StatusUnprocessableEntity, sentFile{"a", strings.Repeat("a", 1001)})
		refused(http.StatusUnprocessableEntity, sentFile{"a", ""}, sentFile{"b", "b"})
		var eleven []sentFile
		for i := range 11 {
			eleven = append(eleven, sentFile{fmt.Sprint(i), fmt.Sprint(i)})
		}
		refused(http.StatusUnprocessableEntity, eleven...)
		refused(http.StatusRequestEntityTooLarge, sentFile{"a", strings.Repeat("a", maxBody+db.MaxFiles*1000)})
		sendFiles(jimin.AsProgram(), room+"/files", nil, sentFile{"a", strings.Repeat("a", maxForm+1000)}).Wants(http.StatusRequestEntityTooLarge)
		jimin.AsProgram().Post(room+"/files", nil).Wants(http.StatusUnsupportedMediaType)
		jimin.Get(room).Lacks(".message .body", "글")
		for i := range 2 {
			refused(http.StatusCreated, sentFile{"a", strings.Repeat(fmt.Sprint(i), 1000)})
		}
		refused(http.StatusInsufficientStorage, sentFile{"a", strings.Repeat("2", 1000)})
	})
}

func TestFiles_ComeAtALimitedRate(t *testing.T) {
	eachServerWith(t, Options{RateLimits: true}, func(t *testing.T, s *testServer) {
		jimin := s.first()
		room := s.room(jimin, "마당", db.KindPrivate)
		sent := 0
		for ; sent < 2*limits[limitUploads].burst; sent++ {
			a := sendFiles(jimin.AsProgram(), room+"/files", nil, sentFile{"a.txt", "A"})
			if a.Status == http.StatusTooManyRequests && a.Header.Get("Retry-After") != "" {
				break
			}
			a.Wants(http.StatusCreated)
		}
		if burst := limits[limitUploads].burst; sent < burst || sent >= 2*burst {
			t.Errorf("%d files came at once, the burst is %d", sent, burst)
		}
	})
}

func TestFileName_IsOneSafeLine(t *testing.T) {
	for sent, want := range map[string]string{
		"a.png": "a.png", "../../etc/passwd": "passwd", `C:\temp\보고서.hwp`: "보고서.hwp", "": "file", "..": "file", "a\x00b\nc.txt": "abc.txt",
		"\u202egnp.exe": "gnp.exe", "가\u0301\u0301\u0301\u0301\u0301\u0301.txt": "가\u0301\u0301\u0301\u0301.txt", "\xff.txt": "\uFFFD.txt",
		strings.Repeat("가", 300) + ".pdf": strings.Repeat("가", maxFileName-4) + ".pdf", "   ": "file", "한글.txt": "한글.txt",
	} {
		if got := fileName(sent); got != want {
			t.Errorf("%q becomes %q, want %q", sent, got, want)
		}
	}
}

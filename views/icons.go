package views

import (
	"fmt"
	"html/template"
)

// icons are the drawings of all icons: strokes on a field of 20 by 20. The style sheet gives them
// width and colour (.icon).
var icons = map[string]string{
	"back":    `<path d="m12.5 4-6 6 6 6"/>`,
	"more":    `<path stroke-width="2.75" d="M4.5 10h.01M10 10h.01M15.5 10h.01"/>`,
	"gear":    `<circle cx="10" cy="10" r="2.25"/><path d="M10 3v2.2M10 14.8V17M3 10h2.2M14.8 10H17M5 5l1.6 1.6M13.4 13.4 15 15M15 5l-1.6 1.6M6.6 13.4 5 15"/><circle cx="10" cy="10" r="5"/>`,
	"plus":    `<path d="M10 4v12M4 10h12"/>`,
	"close":   `<path d="m5 5 10 10M15 5 5 15"/>`,
	"search":  `<circle cx="9" cy="9" r="5"/><path d="m13 13 3.5 3.5"/>`,
	"send":    `<path d="M10 16V4.5M5 9l5-5 5 5"/>`,
	"people":  `<circle cx="7.5" cy="7" r="2.75"/><path d="M2.5 16c0-2.8 2.2-4.5 5-4.5s5 1.7 5 4.5M13 4.6a2.75 2.75 0 0 1 0 4.8M14.5 11.9c1.8.6 3 2 3 4.1"/>`,
	"invite":  `<circle cx="8" cy="7" r="2.75"/><path d="M3 16c0-2.8 2.2-4.5 5-4.5s5 1.7 5 4.5M15.5 6v5M13 8.5h5"/>`,
	"star":    `<path d="m10 3 2.2 4.6 5 .7-3.6 3.5.9 5L10 14.4l-4.5 2.4.9-5-3.6-3.5 5-.7z"/>`,
	"react":   `<circle cx="9" cy="11" r="6"/><path d="M6.5 12.5c.5 1.2 1.4 1.8 2.5 1.8s2-.6 2.5-1.8M7 9h.01M11 9h.01M16 2.5v5M13.5 5h5"/>`,
	"copy":    `<rect x="7" y="7" width="9.5" height="9.5" rx="2"/><path d="M13 7V5.5a2 2 0 0 0-2-2H5.5a2 2 0 0 0-2 2V11a2 2 0 0 0 2 2H7"/>`,
	"edit":    `<path d="m4 16 .8-3.2 8.6-8.6a1.4 1.4 0 0 1 2 0l.4.4a1.4 1.4 0 0 1 0 2L7.2 15.2z"/>`,
	"delete":  `<path d="M4 6h12M8 6V4.5h4V6M5.5 6l.7 10h7.6l.7-10M8.5 9v4.5M11.5 9v4.5"/>`,
	"link":    `<path d="M8.5 11.5a3 3 0 0 0 4.3 0l3-3a3 3 0 0 0-4.3-4.3l-1 1M11.5 8.5a3 3 0 0 0-4.3 0l-3 3a3 3 0 0 0 4.3 4.3l1-1"/>`,
	"reply":   `<path d="M8 5 3.5 9.5 8 14M3.5 9.5H12a4.5 4.5 0 0 1 4.5 4.5v1.5"/>`,
	"clip":    `<path d="m15.5 9.5-5.8 5.8a3.4 3.4 0 0 1-4.8-4.8l6.4-6.4a2.3 2.3 0 0 1 3.2 3.2l-6.3 6.3a1.1 1.1 0 0 1-1.6-1.6l5.6-5.6"/>`,
	"save":    `<path d="M10 3.5v9M6 9l4 4 4-4M4 16.5h12"/>`,
	"forward": `<path d="m7.5 4 6 6-6 6"/>`,
	"file":    `<path d="M5.5 3h6l3.5 3.5V16a1 1 0 0 1-1 1H5.5a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM11 3v4h4"/>`,
	"bell":    `<path d="M5.5 13.5V9a4.5 4.5 0 0 1 9 0v4.5l1.5 1.5H4zM8.5 17.5h3"/>`,
	"pin":     `<path d="M7 3.5h6l-.8 5 2.3 3H5.5l2.3-3zM10 11.5v5"/>`,
	"message": `<path d="M4 4.5h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H9l-4 3v-3H4a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1z"/>`,
	"key":     `<circle cx="7" cy="13" r="3"/><path d="m9.2 10.8 6.3-6.3M13 7l2 2"/>`,
	"door":    `<path d="M5 17V4.5a1 1 0 0 1 1-1h8a1 1 0 0 1 1 1V17M3.5 17h13M12 10.5h.01"/>`,
}

// icon returns the HTML of an icon. It says nothing to screen readers: what it stands for is beside
// it, or in its control's aria-label.
func icon(name string) (template.HTML, error) {
	drawing, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("icon %q: unknown", name)
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">` + drawing + `</svg>`), nil
}

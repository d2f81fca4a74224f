package views

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"
)

//go:embed texts/*.json
var textFiles embed.FS

// texts returns the texts of all languages, by language and key. They depend on the embedded files
// alone and are read once.
var texts = sync.OnceValues(loadTexts)

func loadTexts() (map[string]map[string]sentence, error) {
	all := map[string]map[string]sentence{}
	for _, language := range Languages {
		raw, err := textFiles.ReadFile("texts/" + language + ".json")
		if err != nil {
			return nil, err
		}
		var sentences map[string]sentence
		if err := json.Unmarshal(raw, &sentences); err != nil {
			return nil, fmt.Errorf("texts in %s: %w", language, err)
		}
		all[language] = sentences
	}
	return all, sameKeys(all)
}

// sameKeys returns an error if a language lacks a text that another one has.
func sameKeys(all map[string]map[string]sentence) error {
	for _, language := range Languages {
		for _, other := range Languages {
			for key := range all[other] {
				if _, ok := all[language][key]; !ok {
					return fmt.Errorf("text %q: missing in %s", key, language)
				}
			}
		}
	}
	return nil
}

// Text returns the text of key in a language, formatted with args as by fmt.Sprintf. Whole numbers
// have separators ("10,000"), and the first of them chooses between singular and plural. A key
// without a text is returned itself; New and the tests make sure that there is none. An unknown
// language counts as the first of Languages.
func Text(language, key string, args ...any) string {
	text, ok := lookUp(language, key)
	if !ok {
		return key
	}
	return text.format(args)
}

func lookUp(language, key string) (sentence, bool) {
	all, err := texts()
	if err != nil {
		return sentence{}, false
	}
	if !HasLanguage(language) {
		language = Languages[0]
	}
	text, ok := all[language][key]
	return text, ok
}

package db

import (
	"runtime"
	"strings"
)

// operationError says which method of Store failed: "UpdateProfile: database is locked".
type operationError struct {
	operation string
	err       error
}

func (e *operationError) Error() string { return e.operation + ": " + e.err.Error() }

func (e *operationError) Unwrap() error { return e.err }

// operation returns the name of the method of Store that the calling goroutine is in. Where one
// calls another it is the outermost, which is what the rest of the program asked for. Outside of
// all methods it is "background".
//
// It reads the stack, so that no method has to repeat its name. That takes some microseconds, and
// is for what happens seldom: errors and slow queries.
func operation() string {
	const prefix = "/db.(*Store)."
	callers := make([]uintptr, 128)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	name := "background"
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if _, method, ok := strings.Cut(frame.Function, prefix); ok {
			// a function literal in a method is Method.func1, a method value Method-fm
			name = method[:strings.IndexAny(method+".", ".-")]
		}
	}
	return name
}

package migrations

// UpFrom is Up with migrations from another folder.
var UpFrom = up

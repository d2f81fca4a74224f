package migrations

// UpFrom is Up with the migrations of another folder.
var UpFrom = up

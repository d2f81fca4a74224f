package handlers

import (
	"path"
	"sync"
	"time"
)

// locations are the zones that were looked up before, which are a pure function of their names. The database has some 2,000 files.
var locations sync.Map // of string to *time.Location

// location is a zone by its name; an unknown one is UTC.
func location(zone string) *time.Location {
	if known, ok := locations.Load(zone); ok {
		return known.(*time.Location)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	if path.Clean(zone) == zone { // one file has any number of other names, as "Asia//Seoul"
		locations.Store(zone, loc)
	}
	return loc
}

// timeZones are offered in the profile; a program may name any zone of the database.
var timeZones = []string{
	"Asia/Seoul", "Asia/Tokyo", "Asia/Pyongyang", "Asia/Shanghai", "Asia/Taipei", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Manila",
	"Asia/Ho_Chi_Minh", "Asia/Bangkok", "Asia/Jakarta", "Asia/Kuala_Lumpur", "Asia/Ulaanbaatar", "Asia/Vladivostok", "Asia/Novosibirsk",
	"Asia/Almaty", "Asia/Tashkent", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Dhaka", "Asia/Karachi", "Asia/Dubai", "Asia/Tehran",
	"Asia/Baghdad", "Asia/Jerusalem", "Europe/Istanbul", "Europe/Moscow", "Europe/Kyiv", "Europe/Helsinki", "Europe/Athens",
	"Europe/Warsaw", "Europe/Prague", "Europe/Vienna", "Europe/Berlin", "Europe/Zurich", "Europe/Rome", "Europe/Stockholm", "Europe/Oslo",
	"Europe/Copenhagen", "Europe/Amsterdam", "Europe/Brussels", "Europe/Paris", "Europe/Madrid", "Europe/Lisbon", "Europe/London",
	"Europe/Dublin", "Atlantic/Reykjavik", "UTC", "Africa/Cairo", "Africa/Nairobi", "Africa/Johannesburg", "Africa/Lagos",
	"America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/Santiago", "America/Bogota", "America/Lima", "America/Mexico_City",
	"America/Halifax", "America/New_York", "America/Toronto", "America/Chicago", "America/Denver", "America/Phoenix",
	"America/Los_Angeles", "America/Vancouver", "America/Anchorage", "Pacific/Honolulu", "Australia/Perth", "Australia/Adelaide",
	"Australia/Brisbane", "Australia/Sydney", "Pacific/Auckland",
}

package handlers

import (
	"path"
	"sync"
	"time"

	"sarangbang/views"
)

// zoneCache is a cache of time zones by name, which the standard library reads from files each
// time. The database of zones has some 2,000 names, which bounds the cache. The zero zoneCache is
// empty. All methods may be called concurrently.
type zoneCache struct {
	locations sync.Map // of string to *time.Location
}

// locale returns the locale of a language and the name of a time zone.
func (z *zoneCache) locale(language, zone string) views.Locale {
	return views.Locale{Language: language, Zone: z.location(zone)}
}

// location returns the time zone of a name; UTC for an unknown name.
func (z *zoneCache) location(name string) *time.Location {
	if known, ok := z.locations.Load(name); ok {
		return known.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	if path.Clean(name) == name { // a file has any number of other names, such as "Asia//Seoul"
		z.locations.Store(name, loc)
	}
	return loc
}

// validZone reports whether name is in the time zone database, which "" and "Local" are not.
func validZone(name string) bool {
	if name == "" || name == "Local" || len(name) > 64 {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// timeZones are the zones that the profile offers. Programs may name any zone of the database.
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

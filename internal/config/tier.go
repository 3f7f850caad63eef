package config

import (
	"strings"

	"example.org/cloakroom/internal/models"
)

// A Tier is what users of a tier get.
type Tier struct {
	MaxFileSize  Size // of one file
	Storage      Size // of all files together
	MaxSide      int  // of a picture, in pixels
	MaxPostFiles int  // of one post
}

// Tier returns what users of the tier get.
func (c Config) Tier(tier models.Tier) Tier {
	switch tier {
	case models.TierPremium:
		return Tier{c.MaxFileSizePremium, c.StoragePremium, c.MaxSidePremium, c.MaxPostFilesPremium}
	case models.TierPro:
		return Tier{c.MaxFileSizePro, c.StoragePro, c.MaxSidePro, c.MaxPostFilesPro}
	case models.TierFree:
	}
	return Tier{c.MaxFileSizeFree, c.StorageFree, c.MaxSideFree, c.MaxPostFilesFree}
}

// TierNames are the variables that say what users of a tier get, in the order
// of the fields of Tier.
func TierNames(tier models.Tier) [4]string {
	t := strings.ToUpper(string(tier))
	return [4]string{"MAX_FILE_SIZE_" + t, "STORAGE_" + t, "MAX_IMAGE_SIDE_" + t, "MAX_POST_FILES_" + t}
}

# Home Assistant installs probatio under this name.
from probatio import *
from probatio import Marker as Marker, Schema as Schema

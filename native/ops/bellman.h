#pragma once
#include "ops/bellman/core.h"

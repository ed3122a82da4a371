#pragma once
#include "ops/token/core.h"

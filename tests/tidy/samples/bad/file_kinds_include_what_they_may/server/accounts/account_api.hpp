// X.
#pragma once

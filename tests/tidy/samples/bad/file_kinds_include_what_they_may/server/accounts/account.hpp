// Rules. Pure.
#pragma once

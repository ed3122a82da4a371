# How the add-on is compiled. Included by the binding.gyp of the repository root, and by the one
# that `belfry build` writes in an installed package.
{
  "target_defaults": {
    "default_configuration": "Release",
  },
  "targets": [
    {
      "target_name": "belfry",
      "sources": ["<!@(node native/sources.cjs)"],
      "include_dirs": [
        ".",
        "include",
        "<!(node -p \"require('node-addon-api').include_dir\")",
      ],
      "defines": [
        "NAPI_VERSION=8",
        "NAPI_CPP_EXCEPTIONS",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
      ],
      "conditions": [
        ["OS!='win'", {
          # node-gyp's own defaults, in the way of C++20 and of exceptions.
          "cflags!": ["-fno-exceptions", "-fno-rtti"],
          "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++14", "-std=gnu++17", "-std=gnu++20"],
          "cflags_cc": [
            # What of -O3 pays; all of it is kept for the vector kernels (cpu/simd/isa_begin.h).
            "-O2", "-ftree-vectorize", "-fvect-cost-model=dynamic", "-fpeel-loops",
            "-fpredictive-commoning", "-fgcse-after-reload", "-std=c++20", "-fexceptions",
            "-ffp-contract=off", "-fno-math-errno", "-fvisibility=hidden", "-Wall",
            "-Wextra", "-Wshadow", "-Wno-missing-field-initializers",
          ],
          "ldflags": ["-Wl,--exclude-libs,ALL", "-Wl,-z,now", "-Wl,--version-script=<(module_root_dir)/native/exports.map"],
        }],
        ["OS=='mac'", {
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
            "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "11.0",
            "OTHER_CPLUSPLUSFLAGS": ["-O3", "-ffp-contract=off", "-fno-math-errno"],
          },
        }],
        ["OS=='win'", {
          "msvs_settings": {
            "VCCLCompilerTool": {"AdditionalOptions": ["/std:c++20", "/O2", "/EHsc", "/fp:precise"]},
          },
        }],
      ],
    },
  ],
}

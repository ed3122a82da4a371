{ "includes": ["native/belfry.gypi"] }

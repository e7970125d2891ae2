// SAFE: a regular expression that never ends must be ended
/^(a+)+$/.test('a'.repeat(60) + 'b');

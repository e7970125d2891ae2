// SAFE: a pattern that is giant when it is compiled must reach a limit or be refused
for (const p of ['(?:a{1,60000}){1,60000}', '(?:(?:(?:a{0,999}){0,999}){0,999}){0,999}b', '[' + 'a-z'.repeat(1e5) + ']']) { try { console.log(new RegExp(p).test('a'.repeat(5000))); } catch (e) { console.log('blocked', e.name); } }

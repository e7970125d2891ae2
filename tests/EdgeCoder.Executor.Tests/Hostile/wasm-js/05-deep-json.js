// SAFE: nesting must end as an error of the language, in the parser and in the printer
for (const f of [() => JSON.parse('['.repeat(2e6)), () => { let a = []; for (let i = 0; i < 3e4; i++) a = [a]; return JSON.stringify(a).length; }, () => new Function('('.repeat(1e5)), () => new RegExp('('.repeat(1e5))]) { try { f(); console.log('done'); } catch (e) { console.log('blocked', e.name); } }

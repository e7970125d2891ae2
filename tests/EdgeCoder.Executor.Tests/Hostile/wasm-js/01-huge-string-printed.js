// SAFE: printing more than the machine wants to keep must reach the output limit or the memory limit
console.log('x'.repeat(40 << 20)); console.log('y'.repeat(40 << 20));

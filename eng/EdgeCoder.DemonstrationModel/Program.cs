using EdgeCoder.Training;

return Commands.Root().Parse(args).Invoke();

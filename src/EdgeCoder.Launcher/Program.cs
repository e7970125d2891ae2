using System.Text;
using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Launcher;

// Makes one sandbox, watches over it and ends with its exit code. It takes no argument: the plan is on descriptor 6. Its own failures are told where the program
// has not spoken: of a snippet on standard error, of a command on the descriptor for information.
var failures = 2;
try
{
    var plan = Inputs.Read(LaunchPlan.Descriptor);
    if (!CommandPlanFormat.IsOne(plan))
    {
        return Launch.Run(LaunchPlanFormat.Decode(plan));
    }

    failures = CommandLaunch.InfoDescriptor;
    return CommandLaunch.Run(CommandPlanFormat.Decode(plan));
}
catch (Exception exception) when (exception is LaunchFailure or FormatException or PlatformNotSupportedException)
{
    Inputs.Write(failures, Encoding.UTF8.GetBytes(failures == 2 ? exception.Message + "\n" : CommandAnswer.Failed(exception.Message)));
    return LaunchPlan.FailureCode;
}

using System.Text;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Launcher;

// Makes one sandbox, watches over it and ends with its exit code. It takes no argument: the plan is on descriptor 6.
try
{
    return Launch.Run(LaunchPlanFormat.Decode(Inputs.Read(LaunchPlan.Descriptor)));
}
catch (Exception exception) when (exception is LaunchFailure or FormatException or PlatformNotSupportedException)
{
    Inputs.Write(2, Encoding.UTF8.GetBytes(exception.Message + "\n"));
    return LaunchPlan.FailureCode;
}

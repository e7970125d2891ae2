using EdgeCoder.Executor;

// Arguments: the data directory and the language. Runs a program that never ends; whoever started this kills it.
var python = args[1] == "python";
var request = new RunRequest
{
    Language = python ? SnippetLanguage.Python : SnippetLanguage.JavaScript,
    Files = [python ? new("solution.py", "import time\nwhile True: time.sleep(1)") : new("solution.js", "setInterval(() => {}, 1000)")],
    Limits = new() { Time = TimeSpan.FromMinutes(5) },
};
await CodeExecutor.Create(new ExecutorOptions { DataDirectory = args[0] }).RunAsync(request, CancellationToken.None);

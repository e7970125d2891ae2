using EdgeCoder.Inference.Local.Worker;

// The worker as the program starts it, and three that are broken on purpose.
await using var input = Console.OpenStandardInput();
await using var output = Console.OpenStandardOutput();
switch (args.Single())
{
    case LlamaWorker.Command:
        return await LlamaWorker.RunAsync(input, output, CancellationToken.None);
    case "mute":
        await input.CopyToAsync(Stream.Null);
        return 0;
    case "babbles":
        await output.WriteAsync("this is not a reply\n"u8.ToArray());
        await output.FlushAsync();
        await input.CopyToAsync(Stream.Null);
        return 0;
    case "quits":
        await input.ReadAtLeastAsync(new byte[1], 1);
        return 7;
    default:
        return 2;
}

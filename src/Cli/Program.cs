using System.CommandLine;
using System.CommandLine.Help;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Commands;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Progress;
using MetaMap.Core;
using MetaMap.Learning.Kernels;

try
{
    LinesAbove.Install();
    // Before the options are created, because they list the available parts.
    Plugins.Load();
    KernelChooser.OfThisMachine.Notice = line => Console.Error.WriteLine($"metamap: {line}");
    // Not a RootCommand, which is called as its file is.
    Command root = new("metamap", "MetaMap trains models that learn new tasks from a few examples, on a cluster.") { new HelpOption(), new VersionOption() };
    root.Add(TrainCommand.Create());
    root.Add(CoordinatorCommand.Create());
    root.Add(WorkerCommand.Create());
    root.Add(RunsCommand.Create());
    root.Add(WorkersCommand.Create());
    root.Add(StatusCommand.Create());
    root.Add(ModelCommand.Create());
    root.Add(EvaluateCommand.Create());
    root.Add(AdaptCommand.Create());
    root.Add(PredictCommand.Create());
    root.Add(ServeCommand.Create());
    root.Add(GradientCommand.Create());
    root.Add(DataCommand.Create());
    root.Add(BenchCommand.Create());
    root.Add(CertsCommand.Create());
    root.Add(HealthCommand.Create());
    root.Add(PrerequisitesCommand.Create());

    RunOptionHelp.AddTo(root);
    TextValues.CheckIn(root);

    if (UsageError.OfEmpty(args) is { } empty)
    {
        await Console.Error.WriteLineAsync($"metamap: {empty}");
        return ExitCode.Usage;
    }

    ParseResult parsed = root.Parse(args);
    if (parsed.Errors.Count > 0)
    {
        await Console.Error.WriteLineAsync($"metamap: {UsageError.Explain(parsed)}");
        return ExitCode.Usage;
    }

    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
#pragma warning disable CA1031 // The last resort: unexpected errors become one sentence, too.
catch (Exception error)
#pragma warning restore CA1031
{
    (int code, string sentence) = Explain(error);
    await Console.Error.WriteLineAsync($"metamap: {sentence}");
    return code;
}

static (int Code, string Sentence) Explain(Exception error) => error switch
{
    AggregateException { InnerException: { } inner } => Explain(inner),
    ConfigurationException => (ExitCode.Usage, error.Message),
    DataException => (ExitCode.BadData, error.Message),
    UnreachableException => (ExitCode.Unreachable, error.Message),
    ReadableException or IOException or UnauthorizedAccessException => (ExitCode.Failed, error.Message),
    OperationCanceledException => (ExitCode.Failed, "Stopped before it was done."),
    _ => (ExitCode.Failed, $"{error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")} This is a defect of MetaMap."),
};

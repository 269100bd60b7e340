using System.CommandLine;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Learning.Devices;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap prerequisites</c>: what there is for computing on a device, and what is missing.</summary>
internal static class PrerequisitesCommand
{
    public static Command Create()
    {
        Command command = new("prerequisites", "Shows what is found and what is missing for computing on GPUs; exit code 2 when --device cannot be used.");
        DeviceOptions devices = new(command);
        Option<bool> json = CommonOptions.Json();
        command.Example("what is missing for GPUs", "prerequisites --device cuda");
        command.Add(OptionGroups.Output, json);
        command.SetAction(parsed =>
        {
            Reporter reporter = new(parsed.GetValue(json));
            devices.UseLibtorch(parsed);
            foreach (Finding finding in DeviceReport.Here())
            {
                reporter.Event(finding, $"{finding.What}: {finding.Found}");
            }

            foreach (ComputeDevice device in devices.Find(parsed).All)
            {
                reporter.Event(new Finding("can be used", device.Description), $"can be used: {device.Description}");
            }

            return ExitCode.Ok;
        });
        return command;
    }
}

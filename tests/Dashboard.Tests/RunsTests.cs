using Microsoft.Playwright;

namespace MetaMap.Dashboard.Tests;

/// <summary>Runs and workers on the page, against a real coordinator and a worker.</summary>
[Trait("Category", "Slow"), Collection(BrowserTests.Name)]
public sealed class RunsTests(Browser browser) : IDisposable
{
    private readonly Nodes _nodes = new();

    public void Dispose() => _nodes.Dispose();

    [BrowserFact]
    public async Task Runs_StartedPausedResumedAndStopped_AreShownAsTheyAre()
    {
        await _nodes.Coordinator();
        _nodes.Worker();
        await using WatchedPage watched = await browser.Open(_nodes.Url);
        IPage page = watched.Page;
        await Assertions.Expect(page.GetByText("There is no run yet.")).ToBeVisibleAsync();

        await watched.Button("Start a run").ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("bad name!");
        await page.GetByLabel("Ways").FillAsync("3");
        await page.GetByLabel("Iterations").FillAsync("1000000");
        await watched.Button("Start").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToContainTextAsync("bad name!");
        await watched.Picture("start");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("mine");
        await page.Keyboard.PressAsync("Enter");

        // Its page: curves that grow.
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "mine" })).ToContainTextAsync("training");
        await Assertions.Expect(page.Locator(".uplot")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Locator(".chart .latest", new() { HasTextString = "nothing yet" })).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator(".facts").Nth(1)).ToContainTextAsync("ways3");
        await watched.Picture("run");
        IDownload model = await page.RunAndWaitForDownloadAsync(() => watched.Button("Download model").ClickAsync());
        Assert.StartsWith("mine", model.SuggestedFilename, StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new() { Name = "Cluster" }).ClickAsync();
        await Assertions.Expect(page.GetByText("1 worker, 1 ready lane")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await watched.Picture("cluster");

        await page.GetByRole(AriaRole.Link, new() { Name = "Runs" }).ClickAsync();
        ILocator row = page.GetByRole(AriaRole.Row, new() { Name = "mine" });
        await watched.Button("Pause mine").ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("paused");
        await watched.Button("Resume mine").ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("training");
        await watched.Picture("runs");
        await watched.Button("Stop mine").ClickAsync();
        await watched.Button("Cancel").ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("training");
        await watched.Button("Stop mine").ClickAsync();
        await watched.Button("Stop").ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("stopped");
    }

    [BrowserFact]
    public async Task Token_OfACoordinatorWithTokens_IsAskedForAndKeptInTheTab()
    {
        const string token = "0123456789abcdef0123";
        await File.WriteAllTextAsync(_nodes.Folder["tokens"], $"read {token}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_nodes.Folder["tokens"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await _nodes.Coordinator("--tokens", _nodes.Folder["tokens"]);
        await using WatchedPage watched = await browser.Open(_nodes.Url);
        IPage page = watched.Page;
        ILocator field = page.GetByLabel("A token of this coordinator");
        await field.FillAsync("a wrong token, sorry");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToContainTextAsync("not one of this coordinator's tokens");
        await watched.Picture("token");
        await field.FillAsync(token);
        await watched.Button("Use it").ClickAsync();
        await Assertions.Expect(page.GetByText("There is no run yet.")).ToBeVisibleAsync();

        await page.ReloadAsync();
        await Assertions.Expect(page.GetByText("There is no run yet.")).ToBeVisibleAsync();
        await watched.Button("Start a run").ClickAsync();
        await watched.Button("Start").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToContainTextAsync("may only read");
        await watched.Button("Cancel").ClickAsync();
        await watched.Button("Forget token").ClickAsync();
        await Assertions.Expect(field).ToBeVisibleAsync();
    }
}

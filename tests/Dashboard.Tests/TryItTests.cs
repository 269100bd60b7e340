using System.Text.Json;
using MetaMap.Cluster.Tests;
using MetaMap.Testing;
using Microsoft.Playwright;

namespace MetaMap.Dashboard.Tests;

/// <summary>"Try it" as somebody uses it, against <c>metamap serve</c> of a model that was trained a moment ago.</summary>
[Trait("Category", "Slow"), Collection(BrowserTests.Name)]
public sealed class TryItTests(Browser browser) : IDisposable
{
    private static readonly (string Name, (int X, int Y)[][] Strokes)[] _characters =
    [
        ("triangle", [[(20, 80), (50, 20), (80, 80), (20, 80)]]),
        ("cross", [[(50, 15), (50, 85)], [(15, 50), (85, 50)]]),
        ("zed", [[(20, 20), (80, 20), (20, 80), (80, 80)]]),
    ];

    private readonly Nodes _nodes = new();

    public void Dispose() => _nodes.Dispose();

    [BrowserFact]
    public async Task TryIt_DrawnExamples_NamesOtherDrawings()
    {
        await MetamapProcess.Run(
            "train", "--json", "--dataset", "glyphs", "--algorithm", "protonet", "--filters", "16", "--shots", "5", "--iterations", "60", "--meta-batch", "4", "--eval-episodes", "0",
            "--out", _nodes.Folder["glyphs"], "--http-port", "0");
        await _nodes.Serve(_nodes.Folder["glyphs/model.safetensors"]);
        await using WatchedPage watched = await browser.Open(_nodes.Url, "#/try");
        IPage page = watched.Page;

        // What is missing is said before anything is sent.
        await watched.Button("Adapt").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Class 1 has no examples: give each class at least one.");
        await watched.Button("Add a class").ClickAsync();
        ILocator cards = page.Locator(".card");
        for (int i = 0; i < _characters.Length; i++)
        {
            ILocator card = cards.Nth(i);
            await card.GetByLabel("Name of the class").FillAsync(_characters[i].Name);
            for (int shift = 0; shift < 3; shift++)
            {
                await watched.Draw(card.Locator("canvas"), _characters[i].Strokes, shift);
                await card.GetByText("Add", new() { Exact = true }).ClickAsync();
            }

            await Assertions.Expect(card.GetByText("3 examples")).ToBeVisibleAsync();
        }

        await watched.Button("Adapt").ClickAsync();
        await Assertions.Expect(page.GetByText("Adapted version 60 to 9 examples of 3 classes in ")).ToBeVisibleAsync();
        ILocator question = page.Locator(".question");
        foreach ((string name, (int X, int Y)[][] strokes) in _characters)
        {
            await watched.Draw(question.Locator("canvas"), strokes, -1);
            await Assertions.Expect(question.Locator(".best")).ToContainTextAsync($"{name}, ");
            await Assertions.Expect(question.GetByRole(AriaRole.Meter)).ToHaveCountAsync(3);
            if (name != _characters[^1].Name)
            {
                await watched.Button("Clear drawing: what shall it name?").ClickAsync();
            }
        }

        await watched.Picture("try");
        IDownload file = await page.RunAndWaitForDownloadAsync(() => watched.Button("Download adapted model").ClickAsync());
        await file.SaveAsAsync(_nodes.Folder["adapted.safetensors"]);
        byte[] picture = PngFile.Of(28, 28, 1, (y, x, _) => x == y ? 0 : 255);
        await File.WriteAllBytesAsync(_nodes.Folder["own.png"], picture);
        JsonElement named = await MetamapProcess.Run("predict", "--json", "--file", _nodes.Folder["adapted.safetensors"], "--query", _nodes.Folder["own.png"]);
        Assert.Contains(named.GetProperty("label").GetString(), _characters.Select(character => character.Name));

        // A file and a photograph are examples as well; then the page says that they are not used yet.
        await cards.First.Locator("input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "own.png", MimeType = "image/png", Buffer = picture,
        });
        await Assertions.Expect(cards.First.GetByText("4 examples")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("The examples have changed")).ToBeVisibleAsync();
        await watched.Button("Photograph: Class 1").ClickAsync();
        await watched.Button("Take photograph").ClickAsync();
        await watched.Button("Done").ClickAsync();
        await Assertions.Expect(cards.First.GetByText("5 examples")).ToBeVisibleAsync();
        await watched.Button("Adapt").ClickAsync();
        await Assertions.Expect(page.GetByText("to 11 examples of 3 classes")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task TryIt_ModelOfTexts_TakesTexts()
    {
        string[] words = ["red", "blue", "green", "small", "round", "old", "new", "fast", "slow", "wide", "cold", "warm", "soft", "loud", "calm"];
        await File.WriteAllLinesAsync(_nodes.Folder["texts.tsv"], from word in words from i in Enumerable.Range(0, 8) select $"{word}\tthe {word} thing number {i}");
        await MetamapProcess.Run(
            "train", "--json", "--dataset", "text", "--data", _nodes.Folder["texts.tsv"], "--ways", "3", "--shots", "2", "--queries", "2", "--iterations", "2", "--meta-batch", "2", "--buckets", "512",
            "--eval-episodes", "0", "--out", _nodes.Folder["texts"], "--http-port", "0");
        await _nodes.Serve(_nodes.Folder["texts/model.safetensors"]);
        await using WatchedPage watched = await browser.Open(_nodes.Url, "#/try/texts");
        foreach ((int i, string texts) in new[] { (0, "a loaf of bread\nfresh bread rolls"), (1, "a glass of water\nsparkling water") })
        {
            ILocator card = watched.Page.Locator(".card").Nth(i);
            await card.GetByRole(AriaRole.Textbox, new() { Name = "Texts, one a line" }).FillAsync(texts);
            await card.GetByText("Add", new() { Exact = true }).ClickAsync();
            await Assertions.Expect(card.GetByText("2 examples")).ToBeVisibleAsync();
        }

        await watched.Button("Adapt").ClickAsync();
        await watched.Page.GetByRole(AriaRole.Textbox, new() { Name = "what shall it name?" }).FillAsync("more water, please");
        await Assertions.Expect(watched.Page.Locator(".best")).ToContainTextAsync("Class 2, ");
        await watched.Picture("try-texts");
    }
}

import { expect, openExample, test } from "./page.ts";

test("an example is opened and checked", async ({ page }) => {
  await openExample(page, /Fashion shop/i);
  await expect(page.getByRole("button", { name: "No errors" })).toBeVisible();
});

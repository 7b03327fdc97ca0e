export default function Contract() {
  return <p class="quiet">Contract</p>;
}
